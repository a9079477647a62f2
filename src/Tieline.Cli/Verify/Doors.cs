namespace Tieline.Cli.Verify;

/// <summary>Where the nodes are. Whoever comes in takes any of them, and another when one has failed him.</summary>
internal sealed class Doors(IReadOnlyList<Uri> all)
{
    private int _turn = Random.Shared.Next(all.Count);

    public IReadOnlyList<Uri> All => all;

    public Uri Next() => all[(int)((uint)Interlocked.Increment(ref _turn) % all.Count)];

    /// <summary>A path at any of them.</summary>
    public Uri Next(string path) => new(Next(), path);
}
