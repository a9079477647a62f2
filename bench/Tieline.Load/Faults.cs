namespace Tieline.Load;

/// <summary>What must not happen: figures of a run with faults count for nothing.</summary>
internal sealed class Faults
{
    private const int MostKept = 20;
    private readonly List<string> _found = [];

    public bool Any => _found.Count > 0;

    /// <summary>Ends the run, with what was found and what the server last said.</summary>
    public void Check(ServerProcess server)
    {
        if (Any) throw new BenchException($"NOT CORRECT: {server.Contender.Name}\n  {string.Join("\n  ", _found)}\n{server.LastWords()}");
    }

    public void Add(string fault)
    {
        if (_found.Count < MostKept) _found.Add(fault);
    }
}

/// <summary>The run cannot go on; the message says what to do.</summary>
internal sealed class BenchException(string message) : Exception(message);
