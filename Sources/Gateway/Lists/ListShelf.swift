// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation
package import PolicyEngine

/// The lists of one policy as they were last read, and how to look whether they have changed. Reads files: not for an
/// event loop.
package struct ListShelf: Sendable {
    /// Something to record.
    package enum Change: Hashable, Sendable {
        /// A list came into force, or counts again.
        case taken(ListSource, ServerList)
        /// What lies in its file now is not taken; the list that was read before goes on.
        case rejected(ListSource, ListFault)
        /// It became too old.
        case stale(ListSource, ServerList)
    }

    private struct Item: Sendable {
        let source: ListSource
        /// What the last look found: the list's file, then that of its authorities.
        var stamps: [ListFile.Stamp?]
        /// The last one that was taken.
        var list: ServerList?
        var end: Timestamp?
        var isOld = false
        /// Why what lies there now was not taken.
        var fault: ListFault?

        var reading: ListReading? {
            if let list { return .read(list, isStale: isOld && source.onStale == .refuse) }
            return fault.map { .broken($0) }
        }
    }

    private let directory: String
    private let floors: ListFloors?
    private var items: [Item]

    /// Reads every list.
    ///
    /// - Parameters:
    ///   - directory: of the policy's file, with a `/` at its end, or empty: where relative paths begin.
    ///   - floors: `nil`: versions are not compared with those that were in force.
    package init(reading sources: [ListSource], in directory: String, floors: ListFloors?, at now: Timestamp) {
        self.directory = directory
        self.floors = floors
        items = sources.map { Item(source: $0, stamps: []) }
        for index in items.indices { _ = look(at: &items[index], now) }
    }

    package var isEmpty: Bool { items.isEmpty }

    /// For `Policy.compile`.
    package var readings: [String: ListReading] {
        var readings: [String: ListReading] = [:]
        for item in items { readings[item.source.name] = item.reading }
        return readings
    }

    /// The lists in force, for records at start.
    package var lists: [(source: ListSource, list: ServerList, isOld: Bool)] {
        items.compactMap { item in item.list.map { (item.source, $0, item.isOld) } }
    }

    /// When each list becomes too old, by its name.
    package var ends: [String: Timestamp] {
        var ends: [String: Timestamp] = [:]
        for item in items { ends[item.source.name] = item.end }
        return ends
    }

    /// When the next list becomes too old.
    package var nextEnd: Timestamp? { items.filter { !$0.isOld }.compactMap(\.end).min() }

    /// Looks at every file and reads those that changed. What is not taken leaves the list that was there.
    ///
    /// - Returns: what happened, nothing if all is as it was.
    package mutating func refresh(at now: Timestamp) -> [Change] {
        items.indices.flatMap { look(at: &items[$0], now) }
    }

    /// What is different from the lists of another shelf, for records when a policy is read again.
    package func changes(since other: ListShelf) -> [Change] {
        items.flatMap { item -> [Change] in
            guard let list = item.list else { return [] }
            let before = other.items.first { $0.source == item.source }
            let isSame = before?.list == list
            return (isSame && !(before?.isOld == true && !item.isOld) ? [] : [.taken(item.source, list)])
                + (item.isOld && !(isSame && before?.isOld == true) ? [.stale(item.source, list)] : [])
        }
    }

    private func look(at item: inout Item, _ now: Timestamp) -> [Change] {
        var changes: [Change] = []
        // What was too early may be in time now, although its file is the same.
        let stamps = [item.source.file, item.source.roots].compactMap { $0 }.map { ListFile.stamp(path($0)) }
        if stamps != item.stamps || item.fault == .notYetValid {
            item.stamps = stamps
            do throws(ListFault) {
                let (list, end) = try read(item.source, since: item.list, now)
                let isOld = end.map { now >= $0 } ?? false
                let isSame = list.sha256 == item.list?.sha256
                if !isSame || (item.isOld && !isOld) { changes.append(.taken(item.source, list)) }
                // One that is old already is said to be so below, once.
                (item.list, item.end, item.isOld, item.fault) = (list, end, isSame && item.isOld && isOld, nil)
            } catch {
                if error != item.fault { changes.append(.rejected(item.source, error)) }
                item.fault = error
            }
        }
        if let list = item.list, let end = item.end, now >= end, !item.isOld {
            item.isOld = true
            changes.append(.stale(item.source, list))
        }
        return changes
    }

    private func read(
        _ source: ListSource, since previous: ServerList?, _ now: Timestamp
    ) throws(ListFault) -> (ServerList, end: Timestamp?) {
        let file = path(source.file)
        let content = try ListFile.read(
            file, limit: source.form == .jws ? CompactJWS.maxBytes : ServerList.maxTextBytes)
        let list: ServerList
        switch source.form {
        case .text: list = try ServerList(text: content.bytes)
        case .jws:
            guard let roots = source.roots else { throw .outside(what: "it has no `roots`", todo: "add `roots:`") }
            let jws = try CompactJWS(reading: content.bytes)
            let authorities = try ListFile.read(path(roots), limit: 1 << 20).bytes
            list = try ServerList(jws, signedBy: ListTrust.signer(of: jws, source, roots: authorities, at: now))
        }
        try list.check(source, at: now)
        if source.maxAge != nil, content.written > now.advanced(byMilliseconds: 300_000) {
            throw .outside(
                what: "\(quoted(file)) was written in the future, by the clock of this machine",
                todo: "correct the clock, or the time of the file")
        }
        if let version = list.version, let known = previous?.version, version < known {
            throw .outside(
                what: "its version \(version) is older than \(known), which is in force", todo: "fetch the list again")
        }
        try floors?.check(list, of: source)
        return (list, source.end(of: list, written: content.written))
    }

    private func path(_ written: String) -> String { written.hasPrefix("/") ? written : directory + written }
}
