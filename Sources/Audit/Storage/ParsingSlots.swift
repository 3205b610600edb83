// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import MatrixFederation
internal import Synchronization

/// Which requests are being read right now, in a mapped file that outlives the process, whatever it dies of. AC-106.
///
/// A slot is a byte that says whether it is held, and 32 bytes of hash. Nothing is synced: the kernel keeps what a process
/// wrote that died. After a power cut it may be gone, and no request was to blame.
///
/// `@unchecked Sendable`: INVARIANT: each slot is used by one event loop.
@safe package final class ParsingSlots: @unchecked Sendable {
    package static let name = "requests.parsing"
    package static let count = 256
    private static let slotBytes = 64
    private static let size = count * slotBytes

    private let memory: UnsafeMutableRawPointer
    /// What was held when the process before ended.
    package let left: Set<Digest>

    /// - Parameter directory: of the log, whose lock is held.
    package init(in directory: String) throws(DiskFailure) {
        let file = try Descriptor(
            directory + "/" + Self.name, O_RDWR | O_CREAT | O_NOFOLLOW, .create, file: Self.name)
        var bytes = [UInt8](repeating: 0, count: Self.size)
        let found = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, $0.count, 0) }
        guard found >= 0 else { throw DiskFailure(.read, file: Self.name, code: errno) }
        var left: Set<Digest> = []
        for start in stride(from: 0, to: Self.size, by: Self.slotBytes) where bytes[start] == 1 {
            if let digest = Digest(bytes[(start + 32)..<(start + 64)].span) { left.insert(digest) }
        }
        self.left = left
        // Whole blocks of its own: a full disk must not be met in the middle of a request.
        let isSized = try file.status(Self.name).size == Self.size
        if !isSized {
            let written = unsafe bytes.withUnsafeBytes { unsafe pwrite(file.number, $0.baseAddress, $0.count, 0) }
            guard written == Self.size, ftruncate(file.number, off_t(Self.size)) == 0 else {
                throw DiskFailure(.write, file: Self.name, code: written < 0 ? errno : ENOSPC)
            }
        }
        let mapped = unsafe mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw DiskFailure(.open, file: Self.name, code: errno)
        }
        unsafe memory = mapped
    }

    deinit { unsafe munmap(memory, Self.size) }

    /// From here on a death of the process is put down to this request.
    @inline(__always)
    package func hold(_ request: Digest, slot: Int) {
        guard slot >= 0, slot < Self.count else { return }
        let start = slot &* Self.slotBytes
        unsafe memory.storeBytes(of: request, toByteOffset: start &+ 32, as: Digest.self)
        // Neither may be moved by the compiler to behind what the process dies of.
        atomicMemoryFence(ordering: .releasing)
        unsafe memory.storeBytes(of: 1, toByteOffset: start, as: UInt8.self)
        atomicMemoryFence(ordering: .releasing)
    }

    @inline(__always)
    package func release(slot: Int) {
        guard slot >= 0, slot < Self.count else { return }
        atomicMemoryFence(ordering: .releasing)
        unsafe memory.storeBytes(of: 0, toByteOffset: slot &* Self.slotBytes, as: UInt8.self)
    }

    /// What a request is known by: SHA-256 of its verb, target and the hash of its body. A peer that tries again sends the same;
    /// header fields, which carry dates and signatures, are left out.
    package static func fingerprint(method: Span<UInt8>, target: Span<UInt8>, body: Digest?) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(method.count + target.count + 34)
        unsafe method.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        bytes.append(0x20)
        unsafe target.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        bytes.append(0x0A)
        body?.append(to: &bytes)
        return SHA256.hash(bytes)
    }

    /// Forgets what the process before left, once that is counted.
    package func clear() { for slot in 0..<Self.count { release(slot: slot) } }
}
