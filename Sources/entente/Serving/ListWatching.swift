// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import NIOPosix
internal import PolicyEngine
internal import ServiceLifecycle

/// Looks at the files of lists again: each minute, when a list becomes too old, and soon after a server asked whom no list
/// names. The request that missed is refused; the next one is decided by the list that is there then.
struct ListWatching: Service {
    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pace = ListPace(now: .now)
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                let isDue = node.lists.shelf.nextEnd.map { WallClock.system.now >= $0 } ?? false
                if pace.isTime(now: .now, isRung: node.bell.answer(), isDue: isDue) { await look() }
            }
        }
    }

    private func look() async {
        let (loaded, shelf, generation) = node.lists
        guard !shelf.isEmpty else { return }
        do {
            // Reading, verifying and compiling take their time: on no event loop.
            let found = try await node.threads.runIfActive { () -> (LoadedPolicy?, ListShelf, [ListShelf.Change]) in
                var fresh = shelf
                let changes = fresh.refresh(at: WallClock.system.now)
                let isOther = fresh.readings != shelf.readings
                return (isOther ? try loaded.with(fresh) : nil, fresh, changes)
            }
            try await node.take(found.2)
            node.activate(found.0 ?? loaded.keeping(found.1), insteadOf: generation)
        } catch {
            node.logger.error("the lists stay as they are", metadata: ["error": "\(error)"])
        }
    }
}

extension Node {
    /// Records the lists with which the gateway starts.
    func takeLists() async throws {
        try await take(
            lists.shelf.lists.flatMap { source, list, isOld in
                [.taken(source, list)] + (isOld ? [.stale(source, list)] : [])
            })
    }

    /// Records what happened to lists and notes their versions, before they decide anything.
    func take(_ changes: [ListShelf.Change]) async throws {
        let floors = ListFloors(directory: configuration.auditDirectory)
        for change in changes {
            switch change {
            case .taken(let source, let list):
                do throws(ListFault) {
                    try await raise(floors, to: list, of: source)
                } catch {
                    throw StartFailure(
                        description: "list `\(source.name)`: \(error.what); it is not taken into use; \(error.todo)")
                }
                _ = try await log.record(
                    .listTaken(
                        name: source.name, version: list.version, names: list.names.count, sha256: list.sha256,
                        signer: list.signer?.subject))
                logger.notice(
                    "a list was taken",
                    metadata: [
                        "list": "\(source.name)", "version": "\(list.version.map(String.init) ?? "none")",
                        "servers": "\(list.names.count)",
                    ])
            case .rejected(let source, let fault):
                let error =
                    "\(source.file): \(fault.what); the list that was in force stays until it is too old; \(fault.todo)"
                _ = try await log.record(.listRejected(name: source.name, error: error))
                logger.error("a list was not taken", metadata: ["list": "\(source.name)", "error": "\(error)"])
            case .stale(let source, let list):
                let refuses = source.onStale == .refuse
                _ = try await log.record(
                    .listStale(
                        name: source.name, version: list.version, names: list.names.count, sha256: list.sha256,
                        refuses: refuses))
                logger.error(
                    "a list is too old; fetch it again",
                    metadata: ["list": "\(source.name)", "its servers": refuses ? "refused" : "kept"])
            }
        }
    }

    private func raise(_ floors: ListFloors, to list: ServerList, of source: ListSource) async throws(ListFault) {
        let fault: ListFault?
        do {
            fault = try await threads.runIfActive { () -> ListFault? in
                do throws(ListFault) { try floors.raise(to: list, of: source) } catch { return error }
                return nil
            }
        } catch {
            fault = .outside(what: "the gateway is ending", todo: "start it again")
        }
        if let fault { throw fault }
    }
}
