// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Plaintext on its way to be sealed: what was written, and how much of it was flushed.
struct PendingWrites {
    private var parts: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var flushed = 0

    var hasFlushed: Bool { flushed > 0 }

    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) { parts.append((bytes, promise)) }

    mutating func markFlushed() { flushed = parts.count }

    /// Enough for the records of everything flushed.
    var sealedCapacity: Int {
        let total = parts[..<flushed].reduce(0) { $0 + $1.bytes.readableBytes }
        return total + (total / TLSConnection.maxRecordBytes + flushed + 1) * TLSConnection.recordOverhead
    }

    mutating func fail(_ failure: TLSFailure) {
        let failed = parts
        parts = []
        flushed = 0
        for part in failed { part.promise?.fail(failure) }
    }

    /// Seals everything flushed. Small neighbours share a record; what fills records by itself is not copied first.
    ///
    /// - Returns: the promise of all of it.
    mutating func seal(
        with connection: TLSConnection, into output: inout ByteBuffer, allocator: ByteBufferAllocator
    ) -> Result<EventLoopPromise<Void>?, TLSFailure> {
        let limit = TLSConnection.maxRecordBytes
        var gathered: ByteBuffer?
        var promise: EventLoopPromise<Void>?
        var failure: TLSFailure?
        for index in 0..<flushed where failure == nil {
            var bytes = parts[index].bytes
            if var record = gathered {
                // Held twice it would be copied.
                gathered = nil
                if let head = bytes.readSlice(length: min(bytes.readableBytes, limit - record.readableBytes)) {
                    record.writeImmutableBuffer(head)
                }
                if record.readableBytes == limit || index == flushed - 1 {
                    failure = connection.seal(record, into: &output)
                } else {
                    gathered = record
                }
            }
            guard bytes.readableBytes > 0, failure == nil else { continue }
            if bytes.readableBytes >= limit || index == flushed - 1 {
                failure = connection.seal(bytes, into: &output)
            } else {
                var record = allocator.buffer(capacity: min(limit, sealedCapacity))
                record.writeImmutableBuffer(bytes)
                gathered = record
            }
        }
        if let failure { return .failure(failure) }
        for part in parts[..<flushed] {
            guard let own = part.promise else { continue }
            if let first = promise { first.futureResult.cascade(to: own) } else { promise = own }
        }
        parts.removeFirst(flushed)
        flushed = 0
        return .success(promise)
    }
}
