// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

extension AuditRecord {
    /// Which rooms, events, people and files a request is about. Each list is bounded by whoever fills it; what does not fit into
    /// the record is counted there.
    ///
    /// People and files are in clear here and become pseudonyms when the record is written; rooms and events are references.
    package struct Contents: Sendable {
        /// How much of it is written. Nothing of it at `minimal`.
        package var level: AuditLevel
        /// Of a transaction with events of several rooms; a single one is the record's `room`.
        package var rooms: [Reference] = []
        /// Events that the request carried, but for those that were refused by themselves. Of one event that may have one of
        /// several IDs, all.
        package var events: [Reference] = []
        /// Events that it names and does not carry: what was asked for, or where to begin.
        package var eventsAsked: [Reference] = []
        /// Events that it names and that were not even looked at.
        package var eventsAskedOmitted = 0
        /// Who acts.
        package var subject: String?
        /// Who is acted on or asked about, if that is one user and not the subject.
        package var target: String?
        /// Who wrote the events of a transaction, distinct.
        package var subjects: [String] = []
        /// Who is asked about, if those are several.
        package var targets: [String] = []
        /// Users asked about who are not even in `targets`.
        package var targetsOmitted = 0
        /// A file's ID, without its server.
        package var media: String?
        /// The same and more in clear; for levels that seal.
        package var clear: ClearContents?

        package init(level: AuditLevel = .standard) { self.level = level }
    }
}

/// What is sealed in a record: names in clear, never content, signatures, tokens or keys.
///
/// Written as an object of canonical JSON of at most 16 KiB; what does not fit is counted in members that end in `_omitted`.
package struct ClearContents: Sendable {
    package struct Event: Sendable {
        package var ids: [String]
        package var room: String?
        package var sender: String
        package var type: String

        package init(ids: [String], room: String?, sender: String, type: String) {
            (self.ids, self.room, self.sender, self.type) = (ids, room, sender, type)
        }
    }

    package struct EDU: Sendable {
        package var type: String
        package var users: [String]

        package init(type: String, users: [String]) { (self.type, self.users) = (type, users) }
    }

    /// The address from which the request came.
    package var peer: String?
    /// The request's path as it was written, without its query.
    package var path: String?
    package var alias: String?
    package var room: String?
    package var eventsAsked: [String] = []
    /// Events that were refused.
    package var refused: [Event] = []
    /// Events that passed, or came and were not refused by themselves; at `full`.
    package var events: [Event] = []
    /// At `full`.
    package var edus: [EDU] = []

    package init() {}
}
