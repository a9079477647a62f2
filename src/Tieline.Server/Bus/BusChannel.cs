using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Tieline.Core.Accounts;
using Tieline.Server.Sockets;

namespace Tieline.Server.Bus;

/// <summary>
/// What this node has to say on one channel: gathered while the message before it is on its way, so that one is at a time and the next holds all that came
/// meanwhile. A message that cannot be sent is dropped, and what waits is bounded.
/// </summary>
/// <param name="publish">Sends one message, or throws.</param>
internal sealed class BusChannel(int number, BusLines.Speaker speaker, Func<int, string, Task> publish)
{
    /// <summary>A node says something on every channel each second.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(3);

    private const int MaxWaiting = 20_000;
    private const int MaxLinesPerMessage = 2_000;

    private readonly Lock _lock = new();
    private readonly AsyncSignal _wake = new();
    private Dictionary<AccountKey, long> _heads = [];
    private List<BusWord> _words = [];
    private bool _beatDue;
    private bool _leaving;
    private volatile bool _hasHeard;
    private long _heardAt = Stopwatch.GetTimestamp();

    /// <summary>How long ago this node last heard its own word here.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>This node has heard itself here, and not long ago.</summary>
    public bool IsOpen => _hasHeard && Silence < SilentAfter;

    public int Number => number;

    /// <summary>Own words that came back: the way through the bus is open.</summary>
    public void HeardItself()
    {
        Volatile.Write(ref _heardAt, Stopwatch.GetTimestamp());
        _hasHeard = true;
    }

    public void Add(AccountKey account, long head)
    {
        lock (_lock)
        {
            if (_heads.Count >= MaxWaiting) return;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_heads, account, out _);
            known = Math.Max(known, head);
        }
    }

    public void Add(BusWord word)
    {
        lock (_lock)
        {
            if (_words.Count < MaxWaiting) _words.Add(word);
        }
    }

    public void Flush() => _wake.Set();

    /// <summary>Says that this node is there, whatever else there is to say.</summary>
    public void Beat()
    {
        lock (_lock) _beatDue = true;
        _wake.Set();
    }

    /// <summary>Says the last that there is, and that this node goes.</summary>
    public void Leave()
    {
        lock (_lock) _leaving = true;
        _wake.Set();
    }

    /// <summary>Runs until the node has taken its leave.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            await _wake.WaitAsync();
            var (heads, words, leaves, beats) = Take();
            if (heads.Count == 0 && words.Count == 0 && !leaves && !beats) continue;
            foreach (var message in Messages(heads, words, leaves))
            {
                try
                {
                    await publish(number, message);
                }
                catch (Exception e) when (RedisBus.IsAway(e))
                {
                    // The look at the heads finds what these hints would have told.
                    break;
                }
            }

            if (leaves) return;
        }
    }

    private (Dictionary<AccountKey, long> Heads, List<BusWord> Words, bool Leaves, bool Beats) Take()
    {
        lock (_lock)
        {
            var taken = (_heads, _words, _leaving, _beatDue);
            if (_heads.Count > 0) _heads = [];
            if (_words.Count > 0) _words = [];
            _beatDue = false;
            return taken;
        }
    }

    private IEnumerable<string> Messages(Dictionary<AccountKey, long> heads, List<BusWord> words, bool leaves)
    {
        var head = BusLines.Head(speaker);
        var text = new StringBuilder(head);
        var lines = 0;
        foreach (var word in words)
        {
            if (word is TypingWord typing) BusLines.Append(text, typing);
            else if (word is PresenceWord presence) BusLines.Append(text, presence);
            if (++lines % MaxLinesPerMessage != 0) continue;
            yield return text.ToString();
            text.Clear().Append(head);
        }

        foreach (var (account, pos) in heads)
        {
            BusLines.Append(text, account, pos);
            if (++lines % MaxLinesPerMessage != 0) continue;
            yield return text.ToString();
            text.Clear().Append(head);
        }

        if (leaves) BusLines.AppendLeave(text);
        if (lines == 0 || lines % MaxLinesPerMessage != 0 || leaves) yield return text.ToString();
    }
}
