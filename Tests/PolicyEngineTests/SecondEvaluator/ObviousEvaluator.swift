// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import PolicyEngine

/// Answers questions to a policy in the slowest and most obvious way: searches the lists as they are written, step by step
/// in the order of precedence. Shares nothing with the compiler; of the engine it has only the words.
///
/// The order, the first that speaks decides: whether ours is ours · whether the other may speak at all (`blocked`, names
/// that imitate, keys) · lockdown · exceptions that refuse · exceptions that allow · a tier's `refuse` · its `may` · deny.
struct ObviousEvaluator {
    let policy: RandomPolicy
    var moment = RandomPolicy.Moment()

    enum Ruling: Equatable {
        case allowed
        case refused(ReasonCode)
    }

    struct Question {
        var direction = Direction.inbound
        var own: String?
        var peer = ""
        var endpointClass = EndpointClass.send
        var author: String?
        var eventType = "m.room.message"
        /// The policy's word; `nil` with `isEDU` is a type that nobody knows.
        var edu: EDUType?
        var isEDU = false
        var room: String?
    }

    func answer(_ question: Question) -> Ruling {
        // What comes with a request is judged only if the request itself is allowed.
        for part in [request, roomAndFile, author, edu] {
            if let ruling = part(question), ruling != .allowed { return ruling }
        }
        return .allowed
    }

    private func roomAndFile(_ question: Question) -> Ruling? {
        switch question.endpointClass {
        case .join, .knock, .invite: room(of: [question.peer])
        case .media: file(question)
        default: nil
        }
    }

    func answerAnonymous(_ endpointClass: EndpointClass) -> Ruling {
        if policy.anonymous != "blocked", isLockedOut(endpointClass) { return .refused(.lockdown) }
        guard let name = policy.anonymous else {
            return endpointClass == .discovery || endpointClass == .keys ? .allowed : .refused(.endpointRefused)
        }
        return isGranted(endpointClass, .inbound, by: name) ? .allowed : .refused(.endpointRefused)
    }

    /// Lockdowns of one state concern nobody who has none. What refuses everything leaves `keys` and `discovery`.
    private func isLockedOut(_ endpointClass: EndpointClass) -> Bool {
        for inForce in moment.lockdowns {
            for profile in policy.lockdowns where profile.name == inForce.profile && !profile.takesState {
                if let name = policy.anonymous, profile.keep.contains(name) { continue }
                switch profile.refuse {
                case .some(let classes): if classes.contains(endpointClass) { return true }
                case .none: if endpointClass != .keys, endpointClass != .discovery { return true }
                }
            }
        }
        return false
    }

    private func request(_ question: Question) -> Ruling? { request(question, over: network) }

    /// - Parameter network: what is said of where the servers are.
    private func request(_ question: Question, over network: @escaping (Question) -> Ruling?) -> Ruling? {
        let steps: [(Question) -> Ruling?] = [
            ours, admission, network, lockdown, exceptionRefuses, exceptionAllows, tierRefuses, tierAllows,
        ]
        for step in steps {
            if let ruling = step(question) { return ruling }
        }
        return .refused(.endpointRefused)
    }

    // MARK: Steps of precedence

    private func ours(_ question: Question) -> Ruling? {
        guard let own = question.own, !policy.own.contains(own) else { return nil }
        return .refused(question.direction == .inbound ? .authDestinationMismatch : .originUnknown)
    }

    private func admission(_ question: Question) -> Ruling? { refusal(of: question.peer).map { .refused($0) } }

    private func exceptionRefuses(_ question: Question) -> Ruling? {
        let speaks = exceptions(question).contains { exception in
            exception.refuse.contains(question.endpointClass)
                && (exception.rooms == nil || question.room == nil
                    || exception.rooms?.contains(question.room ?? "") == true)
        }
        return speaks ? .refused(.exceptionRefused) : nil
    }

    private func exceptionAllows(_ question: Question) -> Ruling? {
        let speaks = exceptions(question).contains { exception in
            exception.allow.contains(question.endpointClass)
                && (exception.rooms == nil || exception.rooms?.contains(question.room ?? "") == true)
        }
        return speaks ? .allowed : nil
    }

    /// Those between the two servers of the question, in its direction, that have not ended.
    private func exceptions(_ question: Question) -> [RandomPolicy.Exception] {
        guard !policy.own.contains(question.peer), let own = question.own else { return [] }
        let written = entry(of: question.peer)
        let state = state(of: question.peer)
        return policy.exceptions.filter { exception in
            (exception.own == own || exception.own == "FR") && exception.directions.contains(question.direction)
                && !moment.isPast(exception.until) && !exception.isShadowed
                && (exception.other == written.flatMap { $0.isPattern ? nil : $0.name } || exception.other == state)
        }
    }

    private func tierRefuses(_ question: Question) -> Ruling? {
        let name = tierName(of: question.peer)
        return isRefused(question.endpointClass, question.direction, by: name) ? .refused(.endpointRefused) : nil
    }

    private func tierAllows(_ question: Question) -> Ruling? {
        let name = tierName(of: question.peer)
        guard may(question.endpointClass, question.direction, name) else { return nil }
        return tier(name)?.isShadowed == true ? .refused(.shadow) : .allowed
    }

    // MARK: What comes with a request

    private func author(_ question: Question) -> Ruling? {
        guard let author = question.author else { return nil }
        // In his own right: as if he delivered it himself.
        var his = question
        (his.peer, his.endpointClass) = (author, .send)
        // Whether he may speak at all comes before the network over which he came.
        if refusal(of: author) == nil, !isShutOut(author), let ruling = authorsNetwork(author, broughtBy: question.peer)
        {
            return ruling
        }
        guard request(his, over: { _ in nil }) == .allowed else { return .refused(.pduAuthorDenied) }
        // Types are judged on the way in.
        let type = question.direction == .inbound ? event(question.eventType, of: tierName(of: author)) : nil
        return type ?? room(of: [question.peer, author]) ?? .allowed
    }

    private func edu(_ question: Question) -> Ruling? {
        guard question.isEDU else { return nil }
        guard let type = question.edu else { return .refused(.eduUnknown) }
        let tier = tier(tierName(of: question.peer))
        let list = tier?.edu ?? tier?.like.flatMap { self.tier($0)?.edu } ?? []
        guard list.contains(type) else { return .refused(.eduRefused) }
        if tier?.isShadowed == true { return .refused(.shadow) }
        return [.typing, .receipts].contains(type) ? room(of: [question.peer]) : .allowed
    }

    // MARK: Tiers

    func tier(_ name: String) -> RandomPolicy.Tier? { policy.tiers.first { $0.name == name } }

    private func isGranted(_ endpointClass: EndpointClass, _ direction: Direction, by name: String) -> Bool {
        !isRefused(endpointClass, direction, by: name) && may(endpointClass, direction, name)
    }

    private func isRefused(_ endpointClass: EndpointClass, _ direction: Direction, by name: String) -> Bool {
        guard let tier = tier(name) else { return true }
        let base = tier.like.flatMap { self.tier($0) }
        return [tier, base].contains { $0?.refuse[direction]?.contains(endpointClass) == true }
    }

    private func may(_ endpointClass: EndpointClass, _ direction: Direction, _ name: String) -> Bool {
        guard let tier = tier(name) else { return false }
        let base = tier.like.flatMap { self.tier($0) }
        return (tier.may[direction] ?? base?.may[direction] ?? []).contains(endpointClass)
    }
}
