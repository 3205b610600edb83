// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

extension TreeStore {
    /// Opens a log, or starts one, and goes to its end.
    ///
    /// What an unclean stop left behind the last sync is cut off: it was never answered for. Anything else that is not as
    /// it was written is not repaired but thrown, before anything is changed: somebody must look at it.
    package static func open(
        _ disk: any LogDisk, key: LogKey, options: Options = Options(),
        now: @escaping () -> Int64 = SystemClock.monotonic
    ) throws(StoreFailure) -> TreeStore {
        let hasher = TreeHasher()
        let checkpoint = try signedCheckpoint(disk, key)
        let journals = try wrap { () throws(DiskFailure) in try disk.journals() }
        guard let newest = journals.last else {
            guard checkpoint == nil, try wrap({ () throws(DiskFailure) in try disk.names(in: "tile") }).isEmpty else {
                throw .log(LogFault(.journalMissing, JournalHeader.fileName(0)))
            }
            return try begin(disk, key, options, hasher, now)
        }
        let load: JournalLoad
        switch try JournalLoad.run(disk, newest, origin: key.name, rootAt: checkpoint?.size, hasher) {
        case .loaded(let whole): load = whole
        case .unbegun:
            guard let older = try before(newest, journals, disk, key, checkpoint, hasher) else {
                try wrap { () throws(DiskFailure) in try disk.remove(newest) }
                return try begin(disk, key, options, hasher, now)
            }
            load = older
        }
        try check(load, against: checkpoint, disk, hasher)

        let state = load.state
        try wrap { () throws(DiskFailure) in
            try disk.activate(state.journal, creating: false)
            if try disk.length(of: state.journal) > state.length { try disk.truncate(to: state.length) }
            // Also without a cut: what was read may so far be in memory only.
            try disk.sync()
            for journal in journals where journal != state.journal { try disk.remove(journal) }
        }
        let store = TreeStore(
            disk, key, options, hasher, now, at: state, published: checkpoint, cutBytes: load.cutBytes)
        try wrap { () throws(DiskFailure) in
            // What was put in its place and not synced may have been lost.
            try store.flush()
            try store.discardPartials(of: [store.published, state.tree.size])
            try store.publishAnew(at: now())
        }
        return store
    }

    private static func begin(
        _ disk: any LogDisk, _ key: LogKey, _ options: Options, _ hasher: TreeHasher, _ now: @escaping () -> Int64
    ) throws(StoreFailure) -> TreeStore {
        let (bytes, state) = StoreState.first(key.name, hasher)
        try wrap { () throws(DiskFailure) in
            try disk.put(Array("\(key.publicKey)\n".utf8), at: LogLayout.verifierKey, durably: true)
            try disk.activate(state.journal, creating: true)
            // Durable before any record, so that a file without a whole header never held one.
            try disk.write(bytes, at: 0)
        }
        return TreeStore(disk, key, options, hasher, now, at: state, published: nil, cutBytes: 0)
    }

    private static func signedCheckpoint(_ disk: any LogDisk, _ key: LogKey) throws(StoreFailure) -> Checkpoint? {
        guard let note = try disk.content(of: LogLayout.checkpoint, limit: SignedNote.byteLimit) else { return nil }
        do throws(Checkpoint.Refusal) {
            return try Checkpoint(note: note, signedBy: key.publicKey)
        } catch {
            throw .log(LogFault(error == .malformed ? .checkpointMalformed : .checkpointKey, LogLayout.checkpoint))
        }
    }

    /// The file before one that was not begun, if the newest can be that: it holds no more than it would begin with.
    private static func before(
        _ newest: String, _ journals: [String], _ disk: any LogDisk, _ key: LogKey, _ checkpoint: Checkpoint?,
        _ hasher: TreeHasher
    ) throws(StoreFailure) -> JournalLoad? {
        var scan = JournalScan(disk, newest, hasher)
        let end = try scan.findContentEnd()
        guard journals.count > 1 else {
            let begun = StoreState.first(key.name, hasher)
            guard checkpoint == nil, newest == begun.state.journal, end <= begun.bytes.count else {
                throw .log(LogFault(.journalHeader, newest))
            }
            return nil
        }
        let older = journals[journals.count - 2]
        guard
            case .loaded(let load) = try JournalLoad.run(
                disk, older, origin: key.name, rootAt: checkpoint?.size, hasher),
            end <= load.state.successor(key.name, hasher).bytes.count
        else { throw .log(LogFault(.journalHeader, newest)) }
        return load
    }

    /// A checkpoint that was published is never contradicted.
    private static func check(
        _ load: JournalLoad, against checkpoint: Checkpoint?, _ disk: any LogDisk, _ hasher: TreeHasher
    ) throws(StoreFailure) {
        guard let checkpoint else {
            guard load.edge.size == 0 else { throw .log(LogFault(.checkpointMissing, LogLayout.checkpoint)) }
            return
        }
        guard checkpoint.size <= load.state.tree.size else {
            throw .log(LogFault(.checkpointAhead, LogLayout.checkpoint, sequence: load.state.tree.size + 1))
        }
        var root = load.rootAsked
        if root == nil {
            // It is older than the journal: somebody put an old one back. The tree is still to be the same.
            let prover = TreeProver(TileFiles(disk, size: load.edge.size, hasher), hasher)
            let isSame = try prover.root(of: load.edge.size) == load.edge.root(hasher)
            root = isSame ? try prover.root(of: checkpoint.size) : nil
        }
        guard root == checkpoint.root else { throw .log(LogFault(.checkpointRoot, LogLayout.checkpoint)) }
    }

    private static func wrap<Value>(_ body: () throws(DiskFailure) -> Value) throws(StoreFailure) -> Value {
        do throws(DiskFailure) {
            return try body()
        } catch {
            throw .disk(error)
        }
    }
}
