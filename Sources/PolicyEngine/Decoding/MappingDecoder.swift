// SPDX-License-Identifier: Apache-2.0

/// Reads a mapping whose keys are fixed. Remembers which keys were asked for, so that it can name the unknown ones.
///
/// Got from `ValueDecoder.mapping`, which calls `finish` when the reading closure returns.
package final class MappingDecoder {
    private let entries: [YAMLNode.Entry]
    private let owner: ValueDecoder
    private var known: [String] = []
    private var unsupported: [String] = []
    private var misplaced: [String: String] = [:]

    init(_ entries: [YAMLNode.Entry], of owner: ValueDecoder) {
        self.entries = entries
        self.owner = owner
    }

    package var place: YAMLPlace { owner.place }
    package var path: String { owner.path }
    package var diagnostics: Diagnostics { owner.diagnostics }

    /// Reports something that concerns the whole mapping.
    package func fail(_ what: String, todo: String) { owner.fail(what, todo: todo) }

    /// Whether the key is written, whatever its value. Counts as asking for it.
    package func has(_ key: String) -> Bool { value(key) != nil }

    /// The value of `key`, if it is written.
    package func value(_ key: String) -> ValueDecoder? {
        known.append(key)
        diagnostics.shapes?.note(owner.shape) { $0.keys[key] = $0.keys[key] ?? false }
        let entry = entries.first { $0.key.utf8.elementsEqual(key.utf8) }
        guard let node = entry?.value ?? (diagnostics.shapes == nil ? nil : .absent) else { return nil }
        return ValueDecoder(
            node, path: path.isEmpty ? key : "\(path).\(key)",
            shape: owner.shape.isEmpty ? key : "\(owner.shape).\(key)", diagnostics: diagnostics)
    }

    /// Where `key` is written (the key itself), else the mapping's place.
    package func keyPlace(_ key: String) -> YAMLPlace {
        entries.first { $0.key.utf8.elementsEqual(key.utf8) }?.keyPlace ?? place
    }

    /// The value that `key` must have; `nil` after a report if it is missing or wrong.
    package func required<Value>(_ key: String, _ read: (ValueDecoder) -> Value?) -> Value? {
        diagnostics.shapes?.note(owner.shape) { $0.keys[key] = true }
        guard let value = value(key) else {
            fail("\(owner.name) has no \(quoted(key))", todo: "add \(quoted(key + ":"))")
            return nil
        }
        return read(value)
    }

    /// The value of `key`; `nil` if it is not written, and after a report if it is wrong.
    package func optional<Value>(_ key: String, _ read: (ValueDecoder) -> Value?) -> Value? {
        value(key).flatMap(read)
    }

    /// The value of `key`, `fallback` if it is not written; `nil` after a report if it is wrong.
    package func optional<Value>(_ key: String, default fallback: Value, _ read: (ValueDecoder) -> Value?) -> Value? {
        guard let value = value(key) else { return fallback }
        return read(value)
    }

    /// Declares keys that later versions know. Found in a file they are errors: nothing written is ever silently ignored.
    package func notImplemented(_ keys: [String]) { unsupported += keys }

    /// Declares a key that belongs elsewhere, and what to do about it, so that who writes it here learns where.
    package func misplaced(_ key: String, todo: String) { misplaced[key] = todo }

    /// Reports every key that was not asked for.
    func finish() {
        let candidates = Set(known).sorted()
        for entry in entries where !known.contains(entry.key) {
            let key = ValueDecoder(
                YAMLNode(.scalar(text: entry.key, isQuoted: true), at: entry.keyPlace), path: path,
                diagnostics: diagnostics)
            if unsupported.contains(entry.key) {
                let whole = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                key.fail(
                    "\(quoted(whole)) is not implemented in this version and would not be enforced",
                    todo: "remove it, or use a version that implements it")
            } else {
                let place = path.isEmpty ? "" : " in \(owner.name)"
                let near = nearestName(to: entry.key, in: candidates + unsupported)
                key.fail(
                    "unknown key \(quoted(entry.key))\(place)",
                    todo: misplaced[entry.key] ?? near.map { "did you mean \(quoted($0))?" }
                        ?? "write \(oneOf(candidates))")
            }
        }
    }
}

extension YAMLDocument {
    /// Reads a file whose document is a mapping of fixed keys; `nil` after everything that is wrong has been reported.
    ///
    ///     let diagnostics = Diagnostics(file: "gateway.yaml", meanwhile: "the gateway does not start")
    ///     let settings = YAMLDocument.decode(bytes, reportingTo: diagnostics) { top -> Settings? in
    ///         let listen = top.required("listen") { $0.text }
    ///         let idle = top.optional("idle", default: .seconds(60)) { $0.duration }
    ///         guard let listen, let idle else { return nil }
    ///         return Settings(listen: listen, idle: idle)
    ///     }
    package static func decode<Value>(
        _ bytes: [UInt8], reportingTo diagnostics: Diagnostics, _ read: (MappingDecoder) -> Value?
    ) -> Value? {
        guard let root = self.read(bytes, reportingTo: diagnostics) else { return nil }
        let value = ValueDecoder(root, path: "", diagnostics: diagnostics).mapping(read)
        return diagnostics.isClean ? value : nil
    }
}
