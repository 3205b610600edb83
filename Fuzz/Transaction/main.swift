// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// A body of /send. Whatever is in it, items are read one by one, and redacting is final.
fuzz { bytes in
    guard let document = try? JSONDocument(reading: bytes), let origin = try? ServerName("alpha.example"),
        let transaction = try? Transaction(document, origin: origin, destination: origin)
    else { return }
    check(transaction.pdus.count <= 50 && transaction.edus.count <= 100, "the counts are bounded")
    for edu in transaction.edus {
        _ = edu.rooms(in: document)
    }
    for pdu in transaction.pdus {
        _ = pdu.eventIDs(in: document)
        guard pdu.fault == nil else { continue }
        check(pdu.authorServer != nil && pdu.sender.utf8.count <= 255, "an event without fault has an author")
        for id in ["1", "3", "5", "8", "10", "11", "12"] {
            guard let version = RoomVersion(id) else { continue }
            let event = EventForm(pdu.node, in: document, version: version)
            let redacted = event.redacted()
            guard let again = try? JSONDocument(reading: redacted) else {
                check(false, "a redacted event is JSON")
                return
            }
            let second = EventForm(again.root, in: again, version: version)
            check(again.isCanonical && second.redacted() == redacted, "redacting twice is redacting once")
            check(second.referenceHash() == event.referenceHash(), "redacting keeps the ID")
            _ = EventVerification(of: event) { _, _ in nil }
        }
    }
}
