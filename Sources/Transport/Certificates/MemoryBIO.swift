// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Owns one memory BIO, for PEM in and out.
@safe struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    /// One that holds a copy of `bytes`, at most 64 MiB, or an empty one to write to.
    init(reading bytes: [UInt8] = []) throws(OpenSSLFault) {
        guard bytes.count <= 1 << 26, let pointer = unsafe BIO_new(BIO_s_mem()) else { throw .drained("allocating") }
        guard unsafe bytes.isEmpty || BIO_write(pointer, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
            unsafe BIO_free_all(pointer)
            throw .drained("allocating")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe BIO_free_all(pointer) }

    /// What was written; it can be taken once.
    var bytes: [UInt8] {
        let count = unsafe BIO_ctrl_pending(pointer)
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let read = unsafe BIO_read(pointer, buffer.baseAddress, Int32(buffer.count))
            initialized = Int(max(0, read))
        }
    }
}
