namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>What a file or a folder is on the disk; names point to it.</summary>
internal abstract class DiskNode;

/// <summary>A folder. Which of its names are on the disk is not its own matter: see <see cref="Disk"/>.</summary>
internal sealed class DiskFolder : DiskNode
{
    /// <summary>As programs see it.</summary>
    public Dictionary<string, DiskNode> Live { get; } = [];

    /// <summary>As it is on the disk for certain.</summary>
    public Dictionary<string, DiskNode> Durable { get; } = [];
}

/// <summary>A file: the content that is on the disk for certain, and what was asked for since.</summary>
internal sealed class DiskFile : DiskNode
{
    private readonly List<FileChange> _pending = [];
    private readonly FileImage _durable = new();

    public IReadOnlyList<FileChange> Pending => _pending;

    public FileImage CopyOfDurable() => _durable.Copy();

    public void Add(FileChange change) => _pending.Add(change);

    /// <summary>A sync that began then has returned: everything that had returned before it is on the disk.</summary>
    public void Sync(long begun)
    {
        foreach (var change in _pending.Where(change => change.Returned <= begun)) change.ApplyTo(_durable);
        _pending.RemoveAll(change => change.Returned <= begun);
    }
}

/// <summary>A write, or a new length where there are no bytes.</summary>
internal sealed record FileChange(long Begun, long Returned, long Offset, byte[]? Bytes)
{
    public void ApplyTo(FileImage image)
    {
        if (Bytes is null) image.Resize(Offset);
        else image.Write(Offset, Bytes);
    }

    /// <summary>The parts that a disk writes whole or not at all; a new length is one.</summary>
    public IEnumerable<FileChange> Sectors(int size)
    {
        if (Bytes is null)
        {
            yield return this;
            yield break;
        }

        for (var at = 0; at < Bytes.Length;)
        {
            var length = (int)Math.Min(size - (Offset + at) % size, Bytes.Length - at);
            yield return this with { Offset = Offset + at, Bytes = Bytes[at..(at + length)] };
            at += length;
        }
    }
}

/// <summary>Bytes that grow; what was never written is zero.</summary>
internal sealed class FileImage
{
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Content => _bytes.AsMemory(0, Length);

    public FileImage Copy() => new() { _bytes = Content.ToArray(), Length = Length };

    public void Write(long offset, byte[] bytes)
    {
        if (offset + bytes.Length > Length) Resize(offset + bytes.Length);
        bytes.CopyTo(_bytes, offset);
    }

    public void Resize(long length)
    {
        if (length > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Max(length, 2L * _bytes.Length));
        if (length < Length) _bytes.AsSpan((int)length, Length - (int)length).Clear();
        Length = (int)length;
    }
}
