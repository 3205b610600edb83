// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An index while it is made, under another name: it takes its place when it is whole, and durable. What a stop leaves of it
/// is no index, and the next one begins anew.
final class IndexDraft {
    let path: String
    private let place: String
    /// Locked while the draft is made.
    private let descriptor: Int32

    /// - Parameter place: of the index.
    init(of place: String) throws(IndexFailure) {
        self.place = place
        path = place + ".draft"
        descriptor = try Self.lock(path)
        guard ftruncate(descriptor, 0) == 0 else { throw IndexFailure("\(path): it cannot be made, \(Self.error())") }
    }

    deinit { close(descriptor) }

    /// Its owner only can read it: it says who spoke with whom.
    private static func lock(_ path: String) throws(IndexFailure) -> Int32 {
        for _ in 0..<8 {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw IndexFailure("\(path): it cannot be made, \(error())") }
            var (locked, named) = (stat(), stat())
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw IndexFailure("\(path): somebody else makes it")
            }
            // Somebody may have given it its place, or removed it, before it was locked.
            let isThere = unsafe fstat(descriptor, &locked) == 0 && lstat(path, &named) == 0
            if isThere, locked.st_dev == named.st_dev, locked.st_ino == named.st_ino { return descriptor }
            close(descriptor)
        }
        throw IndexFailure("\(path): somebody else makes it")
    }

    /// Puts it in its place; nobody has it open.
    func finish() throws(IndexFailure) {
        guard fsync(descriptor) == 0 else { throw IndexFailure("\(path): it cannot be written, \(Self.error())") }
        // Not before the draft is whole; and what is left of a write to the old one would spoil the new one.
        try IndexFile.remove(place)
        guard unsafe rename(path, place) == 0 else {
            throw IndexFailure("\(place): it cannot be made, \(Self.error())")
        }
    }

    func discard() { unsafe unlink(path) }

    private static func error() -> String { unsafe String(cString: strerror(errno)) }
}
