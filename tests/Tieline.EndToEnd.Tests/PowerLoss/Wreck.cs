namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>What a disk may hold after the power was cut: all that is certain, and of the rest what chance wants.</summary>
/// <param name="nothingMore">Not chance: nothing reached the disk but what is certain.</param>
internal sealed class Wreck(Disk disk, Random chance, bool nothingMore = false)
{
    private const int Kinds = 7;

    /// <summary>How much of what is not certain reached the disk, the same for everything or drawn for each file.</summary>
    private readonly Fate _all = nothingMore ? Fate.Nothing : (Fate)chance.Next(Kinds);

    /// <summary>What a disk writes whole or not at all.</summary>
    private readonly int _sector = chance.Next(3) == 0 ? 4096 : 512;

    private enum Fate
    {
        Nothing,
        Everything,
        Prefix,
        PrefixAndATornOne,
        AnyOfThem,
        AnySectors,
        Mixed,
    }

    public string Kind => $"{_all}, sectors of {_sector}, {(disk.IsJournal ? "names in order" : "names by sync of folder")}";

    /// <summary>Writes it below a folder.</summary>
    public void WriteTo(string folder)
    {
        var names = new Dictionary<DiskFolder, Dictionary<string, DiskNode>>();
        Dictionary<string, DiskNode> NamesOf(DiskFolder which) => names.TryGetValue(which, out var known) ? known : names[which] = new(which.Durable);
        // A journal keeps the order of names whatever happens.
        var fate = Draw();
        if (disk.IsJournal && fate > Fate.Prefix) fate = Fate.Prefix;
        foreach (var change in Choose(disk.PendingNames, fate, change => [change])) change.ApplyTo(NamesOf);
        Write(disk.Root, folder, NamesOf);
    }

    private void Write(DiskFolder from, string path, Func<DiskFolder, Dictionary<string, DiskNode>> names)
    {
        Directory.CreateDirectory(path);
        foreach (var (name, node) in names(from))
        {
            if (node is DiskFolder inner) Write(inner, Path.Combine(path, name), names);
            else if (node is DiskFile file) WriteFile(file, Path.Combine(path, name));
        }
    }

    private void WriteFile(DiskFile file, string path)
    {
        var image = file.CopyOfDurable();
        foreach (var change in Choose(file.Pending, Draw(), change => change.Sectors(_sector))) change.ApplyTo(image);
        using var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        output.Write(image.Content.Span);
    }

    private Fate Draw() => _all == Fate.Mixed ? (Fate)chance.Next(Kinds - 1) : _all;

    private List<T> Choose<T>(IReadOnlyList<T> pending, Fate fate, Func<T, IEnumerable<T>> parts)
    {
        var first = chance.Next(pending.Count + 1);
        List<T> prefix = [.. pending.Take(first)];
        return fate switch
        {
            Fate.Nothing => [],
            Fate.Everything => [.. pending],
            Fate.Prefix => prefix,
            Fate.PrefixAndATornOne => first == pending.Count ? prefix : [.. prefix, .. TornOff([.. parts(pending[first])])],
            Fate.AnyOfThem => [.. pending.Where(_ => chance.Next(2) == 0)],
            _ => [.. pending.SelectMany(parts).Where(_ => chance.Next(2) == 0)],
        };
    }

    private IEnumerable<T> TornOff<T>(List<T> parts) => parts.Take(chance.Next(parts.Count));
}
