// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import MatrixFederation
internal import NIOCore
internal import NIOPosix
internal import Transport

/// Asks one witness for its cosignature. C2SP tlog-witness.
struct WitnessClient: Sendable {
    let witness: WitnessSettings.Witness
    let tls: TLSClientContext?
    let group: MultiThreadedEventLoopGroup
    let threads: NIOThreadPool
    let files: LogDirectory
    let logKey: NoteKey

    /// For a connection and its answer each.
    private static let timeout = TimeAmount.seconds(5)

    enum Answer: Sendable {
        /// `skew`: how many seconds its clock is ahead of ours, as far as the time that the answer took does not explain it.
        case cosigned(Cosignature, skew: Int64)
        case failed(String)
        /// The proof could not be made of this checkpoint, whose partial tiles had been replaced meanwhile: the next one will
        /// do. `known`: how many records the witness says it has seen.
        case postponed(known: UInt64)
    }

    /// - Parameter known: how many records it cosigned last.
    func ask(for cosigned: CosignedCheckpoint, known: UInt64) async -> Answer {
        var old = known
        // Once more with the size that the witness says.
        for _ in 0..<2 {
            let body: [UInt8]
            do {
                body = try await threads.runIfActive { [files, logKey, old] in
                    try AddCheckpoint(old: old, note: cosigned.note.bytes, key: logKey, in: files).bytes
                }
            } catch {
                return .postponed(known: old)
            }
            let asked = WallClock.system.now.milliseconds / 1000
            let answer: HTTPFetch.Answer
            do {
                answer = try await send(body)
            } catch {
                return .failed("it cannot be reached")
            }
            switch answer.status {
            case 200:
                guard let cosignature = cosigned.cosignature(in: answer.body, by: witness.key) else {
                    return .failed("its answer is no cosignature of this checkpoint by its key")
                }
                let now = WallClock.system.now.milliseconds / 1000
                return .cosigned(
                    cosignature, skew: WitnessState.skew(of: cosignature.time, askedAt: asked, answeredAt: now))
            case 409:
                guard answer.body.last == 0x0A,
                    let size = UInt64(String(decoding: answer.body.dropLast(), as: UTF8.self))
                else { return .failed("its answer names no size") }
                guard size <= cosigned.checkpoint.size else {
                    return .failed("it has seen \(size) records of this log, which has fewer: the log went back")
                }
                guard size != old else { return .failed("it has seen another log of \(size) records under this name") }
                old = size
            case 403: return .failed("it does not know the log's key")
            case 404: return .failed("it does not watch this log")
            case 422: return .failed("it finds that the log does not continue what it has seen")
            default: return .failed("it answers \(answer.status)")
            }
        }
        return .failed("it has seen another log under this name")
    }

    private func send(_ body: [UInt8]) async throws -> HTTPFetch.Answer {
        let (url, tls) = (witness.url, tls)
        let address = try await threads.runIfActive { try url.address.resolved() }
        return try await HTTPFetch.post(
            body, to: url.target, host: url.host, at: address, on: group.next(), bodyLimit: 1 << 14,
            timeout: Self.timeout,
            prepare: { channel in
                guard let tls else { return }
                try channel.pipeline.syncOperations.addHandler(
                    TLSClientHandler(tls, peer: TLSPeerName(host: url.address.host)))
            })
    }
}
