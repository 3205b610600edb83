// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Random bytes, and a file that keeps some of them.
enum Secret {
    /// From the kernel's generator.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The 32 bytes of `salt` in a log's directory; made when it is not there.
    static func salt(in directory: String) throws(DiskFailure) -> [UInt8] {
        let path = directory + "/salt"
        let file = try Descriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, .open, file: "salt")
        var salt = [UInt8](repeating: 0, count: 32)
        let got = unsafe salt.withUnsafeMutableBytes { unsafe pread(file.number, $0.baseAddress, 32, 0) }
        if got == 32 { return salt }
        // A shorter one was never used: it is synced before it is returned.
        salt = random(32)
        try file.put(salt, salt.count, at: 0, file: "salt")
        try file.sync(file: "salt")
        return salt
    }
}
