// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import MatrixFederation
internal import NIOCore
internal import PolicyEngine
internal import Transport

/// Passes a file on: held back until it is known that the tier takes it, then counted, and on record when it has passed.
final class FilePassage: AnswerPassage {
    private unowned let forwarding: Forwarding
    private let head: HTTPResponseHead
    /// Looks at the file before it passes; `nil`: nothing has to be looked at.
    private var media: MediaAnswer?
    private var file: PassedFile
    /// What has come of an answer that is held back.
    private var held: [UInt8]?

    /// - Parameter length: of the body; `nil`: not known.
    init(_ forwarding: Forwarding, _ head: HTTPResponseHead, length: Int?) {
        (self.forwarding, self.head) = (forwarding, head)
        let endpoint = forwarding.endpoint
        let type = head.contentType.map { head.text($0) }
        let (policy, peer) = (forwarding.request.inForce.policy, forwarding.peer)
        media = policy.fileBounds(for: peer).map { bounds in
            MediaAnswer(
                endpoint.answer, contentType: type, length: length, isRedirect: head.status >= 300, bounds: bounds
            ) { bytes, type in policy.decideFile(bytes: bytes, type: type, for: peer) }
        }
        file = PassedFile(endpoint.answer, contentType: type)
    }

    var passedMedia: PassedMedia? { head.status < 300 ? file.media : nil }

    func came(_ body: ByteBuffer) {
        if media != nil {
            guard judge(Array(body.readableBytesView), isWhole: true) == true else { return }
            if isTooLarge(with: body.readableBytes) { return }
        }
        file.pass(body)
        forwarding.pass(head, body)
        noteEnd()
    }

    func began() {
        if media == nil { forwarding.start(head) } else { held = [] }
    }

    func part(_ bytes: ByteBuffer) {
        guard held == nil else {
            held?.append(contentsOf: bytes.readableBytesView)
            return passHeld(isWhole: false)
        }
        write(bytes)
    }

    func ended() {
        if held != nil { passHeld(isWhole: true) }
        guard !forwarding.isAbandoned else { return }
        forwarding.finish()
        noteEnd()
    }

    private func noteEnd() {
        guard let passedMedia else { return }
        forwarding.note(nil, nil, status: head.status, bytes: passedMedia.bytes)
    }

    private func write(_ bytes: ByteBuffer) {
        if isTooLarge(with: bytes.readableBytes) { return }
        file.pass(bytes)
        forwarding.write(bytes)
    }

    private func passHeld(isWhole: Bool) {
        guard let held, judge(held, isWhole: isWhole) == true else { return }
        self.held = nil
        forwarding.start(head)
        write(ByteBuffer(bytes: held))
    }

    /// - Returns: whether the file passes; `nil`: it is held back. What does not pass is refused here.
    private func judge(_ bytes: [UInt8], isWhole: Bool) -> Bool? {
        let verdict: Verdict
        switch media?.read(bytes, isWhole: isWhole) {
        case nil: return true
        case .hold?: return nil
        case .pass(let passed)?:
            if let alert = passed.alert { forwarding.note(alert, passed.rule, status: head.status) }
            return true
        case .refuse(let refused)?: verdict = refused
        }
        guard forwarding.request.inForce.policy.mode == .enforce else {
            forwarding.note(.shadow, verdict.rule, status: head.status)
            media = nil
            return true
        }
        refuse(verdict.reason, verdict.rule)
        return false
    }

    /// Whether these bytes make a file larger than it said, or than it may be without having said. What has passed cannot be
    /// taken back; the rest is refused here.
    private func isTooLarge(with bytes: Int) -> Bool {
        guard media?.mayPass(bytes) == false else { return false }
        let policy = forwarding.request.inForce.policy
        let rule = policy.fileBounds(for: forwarding.peer)?.maxRule
        guard policy.mode == .enforce else {
            media = nil
            forwarding.note(.shadow, rule, status: 200)
            return false
        }
        refuse(.mediaDenied, rule)
        return true
    }

    /// 404, the only refusal of media that reaches the user (measured on the reference homeserver).
    private func refuse(_ reason: ReasonCode, _ rule: RuleReference?) {
        held = nil
        let refusal = Refusal(404, "M_NOT_FOUND", reason, rule: rule)
        forwarding.note(refusal)
        forwarding.stop(refusal, record: forwarding.sequence)
    }
}
