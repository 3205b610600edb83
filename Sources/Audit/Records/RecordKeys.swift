// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// What the keys of the log make of the names in one record: pseudonyms, and the sealed box.
///
/// Made before the first member is written, since the box takes room from lists that stand before it.
struct RecordKeys {
    let sealed: SealedField?
    /// Why the box that must be there is not.
    let failure: AuditError?
    /// Bytes that the members behind `refusals` may take beyond those of every record.
    let reserve: Int
    private let pseudonyms: Pseudonyms?
    private let recordClass: AuditTerms.RecordClass
    private let time: Int64

    init(_ encoder: borrowing RecordEncoder, _ record: borrowing AuditRecord) {
        pseudonyms = encoder.pseudonyms
        recordClass = record.decision.passes ? .allow : .refuse
        time = record.time
        let contents = record.contents
        do throws(AuditError) {
            if contents.level.isSealed, let clear = contents.clear, let sealer = encoder.sealer, sealer.seals {
                sealed = try sealer.seal(clear.encoded(with: contents), recordClass)
            } else {
                sealed = nil
            }
            failure = nil
        } catch {
            (sealed, failure) = (nil, error)
        }
        let names =
            min(contents.subjects.count, RecordEncoder.peopleLimit)
            + min(contents.targets.count, RecordEncoder.peopleLimit)
            + min(contents.rooms.count, RecordEncoder.roomsLimit)
        reserve = names * 35 + (sealed.map { ($0.box.count + 2) / 3 * 4 } ?? 0) + 256
    }

    func user(_ id: String) -> Reference? { pseudonyms?.reference(.user, id, recordClass, time: time) }

    func media(_ id: String) -> Reference? { pseudonyms?.reference(.media, id, recordClass, time: time) }
}

extension RecordEncoder {
    mutating func events(_ contents: AuditRecord.Contents) {
        let (events, asked) = (contents.events, contents.eventsAsked)
        if !events.isEmpty {
            object(#""events":["#)
            for event in events.prefix(Self.eventsLimit) { element(event) }
            closeArray()
        }
        references(
            #""events_asked":["#, #""events_asked_omitted":"#, asked, more: contents.eventsAskedOmitted,
            limit: Self.eventsLimit)
        count(#""events_omitted":"#, max(events.count - Self.eventsLimit, 0))
    }

    mutating func media(_ id: String?, _ keys: RecordKeys) {
        guard let reference = id.flatMap(keys.media) else { return }
        object(#""media":{"#)
        self.reference(#""ref":"#, reference)
        close()
    }

    mutating func people(_ contents: AuditRecord.Contents, _ keys: RecordKeys) {
        reference(#""subject":"#, contents.subject.flatMap(keys.user))
        references(
            #""subjects":["#, #""subjects_omitted":"#,
            contents.subjects.prefix(Self.peopleLimit).compactMap(keys.user),
            more: max(contents.subjects.count - Self.peopleLimit, 0), limit: Self.peopleLimit)
        reference(#""target":"#, contents.target.flatMap(keys.user))
        references(
            #""targets":["#, #""targets_omitted":"#, contents.targets.prefix(Self.peopleLimit).compactMap(keys.user),
            more: max(contents.targets.count - Self.peopleLimit, 0) + contents.targetsOmitted, limit: Self.peopleLimit)
    }
}
