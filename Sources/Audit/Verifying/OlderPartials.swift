// SPDX-License-Identifier: Apache-2.0

/// Partial files that an earlier checkpoint left: each is the beginning of what took its place.
struct OlderPartials {
    private let files: any LogFiles
    private let size: UInt64

    init(_ files: any LogFiles, size: UInt64) {
        self.files = files
        self.size = size
    }

    /// Looks beside the partial files of this size, where alone such files are left.
    func check() throws(StoreFailure) {
        for path in TilePath.partials(of: size) {
            guard let slash = path.lastIndex(of: "/"), let width = Int(path[path.index(after: slash)...]) else {
                continue
            }
            let directory = String(path[..<slash])
            let names: [String]
            do throws(DiskFailure) {
                names = try files.names(in: directory)
            } catch {
                throw .disk(error)
            }
            guard let whole = try files.content(of: path, limit: TileFiles.bundleLimit) else { continue }
            for name in names {
                guard let other = Int(name), other != width,
                    let part = try files.content(of: "\(directory)/\(name)", limit: TileFiles.bundleLimit)
                else { continue }
                let (short, long) = other < width ? (part, whole) : (whole, part)
                let isBeginning = short.count < long.count && long.starts(with: short)
                let count =
                    path.hasPrefix("tile/entries/")
                    ? EntryBundle.ranges(part.span)?.count : part.count % 32 == 0 ? part.count / 32 : nil
                guard isBeginning, count == other else {
                    throw .log(LogFault(.bundleForm, "\(directory)/\(name)"))
                }
            }
        }
    }
}
