// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// Memory for a secret: locked out of swap and core dumps where the system allows, read-only once written, overwritten
/// when released.
///
/// `@unchecked Sendable`: the bytes never change after `init`.
@safe final class SecretBytes: @unchecked Sendable {
    private let start: UnsafeMutableRawPointer
    let count: Int

    /// - Returns: `nil` if there is no memory for it.
    init?(count: Int, filledBy fill: (UnsafeMutablePointer<UInt8>) -> Bool) {
        guard Sodium.isReady, let start = unsafe sodium_malloc(count) else { return nil }
        guard unsafe fill(start.assumingMemoryBound(to: UInt8.self)) else {
            unsafe sodium_free(start)
            return nil
        }
        unsafe sodium_mprotect_readonly(start)
        unsafe self.start = start
        self.count = count
    }

    deinit { unsafe sodium_free(start) }

    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe body(UnsafePointer(start.assumingMemoryBound(to: UInt8.self)))
    }
}
