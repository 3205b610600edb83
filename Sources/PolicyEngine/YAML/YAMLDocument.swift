// SPDX-License-Identifier: Apache-2.0

/// Reads the one YAML document of a file: no anchors, aliases, tags, directives, merge keys, duplicate keys or tabs.
///
/// Faults end the reading: what comes after a misread line would only mislead. AC-98.
package enum YAMLDocument {
    package static let maxBytes = 1 << 20
    package static let maxDepth = 16
    package static let maxNodes = 100_000

    /// - Parameter bytes: the whole file, UTF-8, at most 1 MiB.
    package static func read(_ bytes: [UInt8]) throws(YAMLFault) -> YAMLNode {
        guard bytes.count <= maxBytes else { throw YAMLFault(.tooLarge(bytes: bytes.count), at: .wholeFile) }
        try YAMLText.check(bytes)
        let events = try YAMLEvents(bytes)
        var builder = YAMLBuilder()
        var documents = 0
        while true {
            let (event, place) = try events.next()
            switch event {
            case .documentStart(let hasDirectives):
                if hasDirectives { throw YAMLFault(.directive, at: place) }
                documents += 1
                if documents > 1 { throw YAMLFault(.secondDocument, at: place) }
            case .scalar(let text, let isQuoted): try builder.scalar(text, isQuoted: isQuoted, at: place)
            case .sequenceStart: try builder.open(isMapping: false, at: place)
            case .mappingStart: try builder.open(isMapping: true, at: place)
            case .collectionEnd: try builder.close()
            case .documentEnd: break
            case .streamEnd:
                guard let root = builder.root, !root.isAbsent else { throw YAMLFault(.empty, at: .wholeFile) }
                return root
            }
        }
    }

    /// Reads the document and reports what is wrong with it; `nil` when something is.
    package static func read(_ bytes: [UInt8], reportingTo diagnostics: Diagnostics) -> YAMLNode? {
        do {
            return try read(bytes)
        } catch {
            diagnostics.report(error)
            return nil
        }
    }
}
