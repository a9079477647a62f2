using Tieline.Protocol.Frames;

namespace Tieline.Core.Presence;

/// <summary>
/// What is to be told to one line and is not stored. Only the newest word about each person counts, so a line that reads slowly costs a
/// bounded number of frames, and what it missed would have been old anyway. Thread-safe.
/// </summary>
public sealed class SignalBox
{
    /// <summary>People who write at once, of whom one line is told. Presence is bounded by the list that is watched.</summary>
    public const int MaxTyping = 100;

    private readonly Lock _lock = new();
    private Dictionary<(string? Conversation, string User), ServerFrame> _frames = [];
    private int _typing;

    /// <returns>False when there is no room for one more.</returns>
    public bool Put(ServerTypingFrame typing)
    {
        lock (_lock)
        {
            var key = (typing.Conversation, typing.User);
            if (!_frames.ContainsKey(key) && ++_typing > MaxTyping)
            {
                _typing--;
                return false;
            }

            _frames[key] = typing;
            return true;
        }
    }

    public void Put(PresenceFrame presence)
    {
        lock (_lock) _frames[(null, presence.User)] = presence;
    }

    /// <summary>Empties the box.</summary>
    public IReadOnlyCollection<ServerFrame> Take()
    {
        lock (_lock)
        {
            if (_frames.Count == 0) return [];
            var taken = _frames;
            (_frames, _typing) = ([], 0);
            return taken.Values;
        }
    }
}
