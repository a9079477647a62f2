using Tieline.Protocol.Frames;

namespace Tieline.Core.Accounts;

/// <summary>The number an account has inside one store. Never on the wire.</summary>
public readonly record struct AccountKey(long Value);

/// <summary>A person. <see cref="Id"/> is opaque and never changes.</summary>
public sealed record Account(AccountKey Key, string Id, string? Email, string Name, string? Username, string? Avatar, string? AccountType)
{
    public WirePerson ToWire() => new(Id, Name, Username, Avatar, AccountType);
}

/// <summary>What a new or imported account is made of, checked by <see cref="AccountRules"/>.</summary>
public sealed record AccountDraft(string Id, string? Email, string Name, string? Username = null, string? Avatar = null, string? AccountType = null, string? PasswordHash = null);

/// <summary>What one account has set towards another.</summary>
public readonly record struct Relation(long? BlockedAt, long? MutedAt)
{
    /// <summary>In microseconds since 1970; null with <see cref="MutedAt"/> is for ever.</summary>
    public long? MutedUntil { get; init; }

    public bool Blocked => BlockedAt is not null;

    /// <summary>A mute is set. Whether it still holds says <see cref="IsMuted"/>.</summary>
    public bool Muted => MutedAt is not null;

    public bool IsMuted(long now) => Muted && (MutedUntil is not { } until || until > now);
}
