using Tieline.Core.Accounts;
using Tieline.Protocol;

namespace Tieline.Server.Bus;

/// <summary>
/// What the nodes of one store share beside it: words to each other, and values that live a short while. Nothing here is needed to keep or to deliver a message: a word
/// may be lost, come late, twice or out of order, and a value may be gone. No call waits longer than <see cref="Patience"/>, and none throws because the bus is away.
/// </summary>
internal interface IBus : IAsyncDisposable
{
    /// <summary>The longest that a call may take.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How it stands, for the operator.</summary>
    BusStatus Status { get; }

    /// <summary>False where this node is the only one, so that nobody need be told anything.</summary>
    bool IsShared { get; }

    /// <summary>Begins; called once.</summary>
    /// <param name="chat">Nodes that say the same name here share what they say.</param>
    /// <param name="heard">Told of every word of another node, on any thread, several at once. Must return at once.</param>
    void Start(string chat, Action<BusWord> heard);

    /// <summary>Tells all other nodes, soon. Returns at once.</summary>
    void Tell(BusWord word);

    /// <summary>Keeps a value for so long, in place of an earlier one.</summary>
    /// <returns>False when it is not known to be kept.</returns>
    ValueTask<bool> KeepAsync(string key, string value, TimeSpan lifetime);

    ValueTask<BusValue> ReadAsync(string key);

    /// <summary>Reads a value and removes it in one step: of all who try, on all nodes, one gets it.</summary>
    ValueTask<BusValue> BurnAsync(string key);

    /// <summary>Says of accounts whether they are online on this node. Others forget it after two minutes and a half.</summary>
    /// <returns>False when it is not known to be said.</returns>
    ValueTask<bool> ShowAsync(IReadOnlyList<Sighting> sightings);

    /// <summary>What the other nodes say of these accounts; those of whom they say nothing are left out.</summary>
    /// <returns>Null when nobody could be asked.</returns>
    ValueTask<IReadOnlyDictionary<AccountKey, Sighting>?> LookAsync(IReadOnlyCollection<AccountKey> accounts);

    /// <summary>Takes what was used here out of the limits that all nodes share.</summary>
    /// <returns>What each of them still holds, below zero when it is overdrawn; null where it is not known.</returns>
    ValueTask<IReadOnlyList<double?>> TakeAsync(IReadOnlyList<LimitUse> uses);
}

/// <summary>Something that one node says to the others.</summary>
internal abstract record BusWord;

/// <summary>So far have these logs come. Never what is in them: that is read from the store.</summary>
internal sealed record HintsWord(IReadOnlyCollection<KeyValuePair<AccountKey, long>> Heads) : BusWord;

/// <summary>Somebody types, and these may know.</summary>
internal sealed record TypingWord(string Conversation, string User, IReadOnlyList<AccountKey> Audience) : BusWord;

/// <summary>An account has come to a node or gone from it.</summary>
internal sealed record PresenceWord(AccountKey Account) : BusWord;

/// <summary>A node has come or gone.</summary>
internal sealed record NodesWord : BusWord;

/// <summary>The bus is there, and may have forgotten everything.</summary>
internal sealed record AnewWord : BusWord;

/// <param name="IsKnown">False when nobody could be asked.</param>
/// <param name="Value">Null where there is none.</param>
internal readonly record struct BusValue(bool IsKnown, string? Value);

/// <summary>Whether an account is online, and when it last came or went.</summary>
internal readonly record struct Sighting(AccountKey Account, bool Online, Timestamp? Seen);

/// <summary>So much of a limit was used since it was last said.</summary>
/// <param name="Key">Names the limit and whom it holds for; no name of a person, and no address, in the clear.</param>
internal readonly record struct LimitUse(string Key, int Taken, double PerSecond, int Burst);

/// <param name="Kind"><c>none</c>, <c>up</c> or <c>away</c>.</param>
/// <param name="Address">Without its password.</param>
/// <param name="Nodes">The other nodes that are heard.</param>
internal sealed record BusStatus(string Kind, string? Address, DateTimeOffset Since, IReadOnlyList<string> Nodes, string? Why);
