// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Audit
internal import AuditIndex
internal import MatrixFederation
internal import PolicyEngine

/// Which index is asked, and about which time.
struct IndexOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The log's directory.", valueName: "dir"))
    var log = "audit"

    @Option(help: ArgumentHelp("The index; DIR.index.sqlite without it.", valueName: "file"))
    var index: String?

    var path: String { index ?? IndexFile.path(ofLog: log) }

    func open() throws -> LogIndex {
        do throws(IndexFailure) {
            return try LogIndex(path: path)
        } catch {
            throw Ending.cannotRun("\(error); there is no answer; make it with `entente audit index --log \(log)`")
        }
    }

    /// How far the answer goes.
    static func reach(_ index: LogIndex) -> String {
        guard index.last > 0 else { return "the index is empty" }
        let faults = index.faults > 0 ? "; \(index.faults) of them are no records" : ""
        return "indexed: records 1 to \(index.last), up to \(RecordTime.text(microseconds: index.lastTime))\(faults)"
    }
}

/// The days or instants that count, in microseconds.
struct PeriodOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The first day, in UTC, or instant that counts.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last day, in UTC, or the instant up to which records count.", valueName: "date"))
    var to: String?

    func first() throws -> Int64? { try from.map { try instant($0, "--from", StrictDate.start).milliseconds * 1000 } }

    func last() throws -> Int64? { try to.map { try instant($0, "--to", StrictDate.end).milliseconds * 1000 + 999 } }

    private func instant(_ text: String, _ option: String, _ read: (String) -> Timestamp?) throws -> Timestamp {
        guard let instant = read(text) else {
            throw ValidationError(
                "\(option) \(quoted(text)) is no date; write it like `2026-10-01` or `2026-10-01T12:00:00Z`")
        }
        return instant
    }

    /// As a report writes it.
    var text: String {
        switch (from, to) {
        case (nil, nil): "all that is indexed"
        case (let from?, nil): "from \(from)"
        case (nil, let to?): "up to \(to)"
        case (let from?, let to?): "\(from) to \(to)"
        }
    }
}
