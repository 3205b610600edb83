// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension ClearContents {
    /// Bytes of one at most.
    package static let byteLimit = 16_384
    /// Bytes of one name; Matrix has none that is longer.
    static let nameLimit = 255
    /// Lists stop here, so that what follows them has room.
    private static let (eduLimit, eventLimit, askedLimit, refusedLimit, peopleLimit) = (
        3000, 8000, 9500, 12_500, 15_300
    )

    /// - Parameter contents: whose names are written too.
    /// - Returns: canonical JSON, but for escapes of what would act instead of showing.
    package func encoded(with contents: AuditRecord.Contents) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.member(#""alias":"#, alias, limit: Self.nameLimit)
        list(#""edus":["#, #""edus_omitted":"#, edus, until: Self.eduLimit, &json) { edu, json in
            json.beginObject()
            json.member(#""type":"#, edu.type, limit: Self.nameLimit)
            names(#""users":["#, #""users_omitted":"#, edu.users, until: Self.eduLimit, &json)
            json.endObject()
        }
        list(#""events":["#, #""events_omitted":"#, events, until: Self.eventLimit, &json, Self.write)
        names(#""events_asked":["#, #""events_asked_omitted":"#, eventsAsked, until: Self.askedLimit, &json)
        json.member(#""media":"#, contents.media, limit: Self.nameLimit)
        json.member(#""path":"#, path, limit: 512)
        json.member(#""peer":"#, peer, limit: 64)
        list(#""refused":["#, #""refused_omitted":"#, refused, until: Self.refusedLimit, &json, Self.write)
        json.member(#""room":"#, room, limit: Self.nameLimit)
        json.member(#""subject":"#, contents.subject, limit: Self.nameLimit)
        names(#""subjects":["#, #""subjects_omitted":"#, contents.subjects, until: Self.peopleLimit - 1000, &json)
        json.member(#""target":"#, contents.target, limit: Self.nameLimit)
        names(
            #""targets":["#, #""targets_omitted":"#, contents.targets, more: contents.targetsOmitted,
            until: Self.peopleLimit, &json)
        json.endObject()
        return json.bytes
    }

    private static func write(_ event: Event, _ json: inout JSONWriter) {
        json.beginObject()
        json.member(#""event":"#, event.ids.first, limit: nameLimit)
        if event.ids.count > 1 {
            json.open(#""event_other":["#)
            for id in event.ids.dropFirst().prefix(4) {
                json.element()
                json.string(id, limit: nameLimit)
                json.elementEnds()
            }
            json.endArray()
        }
        json.member(#""room":"#, event.room, limit: nameLimit)
        json.member(#""sender":"#, event.sender, limit: nameLimit)
        json.member(#""type":"#, event.type, limit: nameLimit)
        json.endObject()
    }

    private func names(
        _ opening: StaticString, _ omitted: StaticString, _ names: [String], more: Int = 0, until limit: Int,
        _ json: inout JSONWriter
    ) {
        list(opening, omitted, names, more: more, until: limit, &json) { name, json in
            json.string(name, limit: Self.nameLimit)
            json.elementEnds()
        }
    }

    /// Left out when empty.
    private func list<Item>(
        _ opening: StaticString, _ omittedKey: StaticString, _ items: [Item], more: Int = 0, until limit: Int,
        _ json: inout JSONWriter, _ write: (Item, inout JSONWriter) -> Void
    ) {
        var omitted = items.count + more
        if !items.isEmpty {
            json.open(opening)
            for item in items {
                if json.count > limit { break }
                json.element()
                write(item, &json)
                omitted -= 1
            }
            json.endArray()
        }
        if omitted > 0 { json.member(omittedKey, omitted) }
    }
}
