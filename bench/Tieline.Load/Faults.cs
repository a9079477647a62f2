namespace Tieline.Load;

/// <summary>What must not happen: figures of a run with faults count for nothing.</summary>
internal sealed class Faults
{
    private const int MostKept = 20;
    private readonly List<string> _found = [];

    public bool Any => _found.Count > 0;

    public IReadOnlyList<string> Found => _found;

    public void Add(string fault)
    {
        if (_found.Count < MostKept) _found.Add(fault);
    }
}

/// <summary>The run cannot go on; the message says what to do.</summary>
internal sealed class BenchException(string message) : Exception(message);
