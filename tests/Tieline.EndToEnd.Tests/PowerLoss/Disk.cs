namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>
/// What is on a disk for certain and what only perhaps, at every moment of a record. A file's content is certain when an fsync of it has returned that
/// began after the write had returned. A name is certain by the rule of the kind of file system.
/// </summary>
internal sealed class Disk
{
    private readonly string _rootPath;
    private readonly Names _names;
    private readonly List<NameChange> _pendingNames = [];
    private readonly PriorityQueue<(SystemCall Call, DiskNode Node), long> _syncs = new();
    private readonly IEnumerator<SystemCall> _calls;
    private bool _more;

    /// <param name="calls">By the time they began.</param>
    /// <param name="rootPath">A folder that is on the disk, and empty, when the record begins.</param>
    public Disk(IEnumerable<SystemCall> calls, string rootPath, Names names)
    {
        (_rootPath, _names) = (rootPath, names);
        _calls = calls.GetEnumerator();
        _more = _calls.MoveNext();
    }

    /// <summary>Whether a folder must be synced itself before a name in it is certain.</summary>
    public enum Names
    {
        /// <summary>It must: what POSIX promises and no more. A file that was synced can be gone, for its name was not.</summary>
        OnlyBySyncOfFolder,

        /// <summary>As a journal does it (ext4, XFS): names change on the disk in the order they were changed in, and with an fsync of a file all up to its own is there.</summary>
        InOrderAndWithTheFile,
    }

    public DiskFolder Root { get; } = new();

    public IReadOnlyList<NameChange> PendingNames => _pendingNames;

    public bool IsJournal => _names == Names.InOrderAndWithTheFile;

    /// <summary>Goes on to a moment: everything that had begun by then has happened or is pending.</summary>
    public void AdvanceTo(long moment)
    {
        while (_more && _calls.Current.Begun <= moment)
        {
            ReturnSyncs(_calls.Current.Begun);
            Take(_calls.Current);
            _more = _calls.MoveNext();
        }

        ReturnSyncs(moment);
    }

    private void ReturnSyncs(long moment)
    {
        while (_syncs.TryPeek(out _, out var returned) && returned <= moment)
        {
            var (call, node) = _syncs.Dequeue();
            if (node is DiskFile file) file.Sync(call.Begun);
            SyncNames(node, call.Begun);
        }
    }

    private void SyncNames(DiskNode node, long begun)
    {
        // A journal is written up to the last change of the node's own name or, for a folder, of a name in it.
        var last = _pendingNames.FindLastIndex(change => change.Returned <= begun && change.Concerns(node));
        for (var i = 0; i <= last; i++)
        {
            var change = _pendingNames[i];
            if (change.Returned > begun || (!IsJournal && !change.IsIn(node))) continue;
            change.ApplyTo(folder => folder.Durable);
            _pendingNames[i] = NameChange.Done;
        }

        _pendingNames.RemoveAll(change => ReferenceEquals(change, NameChange.Done));
    }

    private void Take(SystemCall call)
    {
        switch (call.Name)
        {
            case "open" or "openat" or "creat":
                var at = call.Name == "openat" ? 1 : 0;
                if (!IsHere(call.Path(at))) return;
                if (call.Has(at + 1, "O_TMPFILE")) throw NotUnderstood(call);
                Open(call, call.Path(at), call.Name == "creat" || call.Has(at + 1, "O_CREAT"), call.Name == "creat" || call.Has(at + 1, "O_TRUNC"));
                return;
            case "pwrite64" or "pwritev":
                Change(call, () => (call.Number(call.Arguments.Length - 1), call.Written));
                return;
            case "ftruncate":
                Change(call, () => (call.Number(1), null));
                return;
            case "fallocate":
                // Room beyond the end; without its flag also a new length, which nobody here asks for.
                if (call.Has(1, "FALLOC_FL_KEEP_SIZE") || !IsHere(call.Path(0))) return;
                throw NotUnderstood(call);
            case "fsync" or "fdatasync":
                if (IsHere(call.Path(0)) && Find(call.Path(0)) is { } synced) _syncs.Enqueue((call, synced), call.Returned);
                return;
            case "mkdir":
                if (IsHere(call.Path(0))) Name(call, (call.Path(0), new DiskFolder()));
                return;
            case "unlink" or "rmdir":
                if (IsHere(call.Path(0))) Name(call, (call.Path(0), null));
                return;
            case "rename":
                if (IsHere(call.Path(0)) || IsHere(call.Path(1))) Name(call, (call.Path(0), null), (call.Path(1), Find(call.Path(0)) ?? throw NotUnderstood(call)));
                return;
            case "mmap":
                // What SQLite maps is its index of the log, which it makes anew after a crash. A database written through a map would write behind the record's back.
                if (call.Has(3, "MAP_SHARED") && call.Has(2, "PROT_WRITE") && IsHere(call.Path(4)) && !call.Path(4).EndsWith("-shm", StringComparison.Ordinal)) throw NotUnderstood(call);
                return;
            default:
                // What works on a file of the disk and is not understood must not be passed over.
                if (MayTouchUs(call)) throw NotUnderstood(call);
                return;
        }
    }

    private bool MayTouchUs(SystemCall call) => call.Name switch
    {
        "write" or "writev" => IsHere(call.Path(0)),
        _ => Enumerable.Range(0, Math.Min(4, call.Arguments.Length)).Any(argument => IsHere(call.Path(argument))),
    };

    private void Open(SystemCall call, string path, bool create, bool truncate)
    {
        var found = Find(path);
        if (found is null && create) Name(call, (path, new DiskFile()));
        else if (found is DiskFile file && truncate) file.Add(new FileChange(call.Begun, call.Returned, 0, null));
    }

    private void Change(SystemCall call, Func<(long Offset, byte[]? Bytes)> what)
    {
        if (!IsHere(call.Path(0)) || Find(call.Path(0)) is not DiskFile file) return;
        var (offset, bytes) = what();
        file.Add(new FileChange(call.Begun, call.Returned, offset, bytes));
    }

    private void Name(SystemCall call, params (string Path, DiskNode? Node)[] names)
    {
        var change = new NameChange(call.Begun, call.Returned,
            [.. names.Where(name => IsHere(name.Path)).Select(name => (FolderOf(name.Path), Path.GetFileName(name.Path), name.Node))]);
        change.ApplyTo(folder => folder.Live);
        _pendingNames.Add(change);
    }

    private bool IsHere(string path) => path == _rootPath || path.StartsWith(_rootPath + "/", StringComparison.Ordinal);

    private DiskFolder FolderOf(string path) =>
        Find(Path.GetDirectoryName(path)!) as DiskFolder ?? throw new InvalidOperationException($"{path} is in no folder that the record knows.");

    private DiskNode? Find(string path)
    {
        DiskNode? node = Root;
        foreach (var name in path[_rootPath.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node is DiskFolder folder && folder.Live.TryGetValue(name, out var inner) ? inner : null;
        return node;
    }

    private static InvalidOperationException NotUnderstood(SystemCall call) => new($"The disk does not know what this call does to it: {call.Name}({string.Join(", ", call.Arguments.Select(argument => argument.Length > 200 ? "..." : argument))})");
}

/// <summary>Names that came, went or moved by one call: all of them or none.</summary>
internal sealed record NameChange(long Begun, long Returned, IReadOnlyList<(DiskFolder Folder, string Name, DiskNode? Node)> Names)
{
    public static readonly NameChange Done = new(0, 0, []);

    public bool IsIn(DiskNode folder) => Names.Any(name => ReferenceEquals(name.Folder, folder));

    public bool Concerns(DiskNode node) => IsIn(node) || Names.Any(name => ReferenceEquals(name.Node, node));

    public void ApplyTo(Func<DiskFolder, Dictionary<string, DiskNode>> which)
    {
        foreach (var (folder, name, node) in Names)
        {
            if (node is null) which(folder).Remove(name);
            else which(folder)[name] = node;
        }
    }
}
