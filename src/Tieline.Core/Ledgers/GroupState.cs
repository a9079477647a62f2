using Tieline.Core.Accounts;

namespace Tieline.Core.Ledgers;

public enum GroupRole
{
    Member = 0,
    Admin = 1,
    Owner = 2,
}

/// <summary>What somebody who joins sees of what came before.</summary>
public enum GroupHistory
{
    Joined = 0,
    All = 1,
}

/// <summary>What makes a conversation a group.</summary>
public sealed class GroupState(string name)
{
    public string Name { get; set; } = name;
    public string? Avatar { get; set; }
    public GroupHistory History { get; set; }

    /// <summary>Only admins send.</summary>
    public bool Announcements { get; set; }

    /// <summary>The code of the present join link, null for none.</summary>
    public string? LinkCode { get; set; }

    /// <summary>In microseconds since 1970.</summary>
    public long LinkExpiresAt { get; set; }

    /// <summary>
    /// Number of the newest event that stands in every member's log. A group has a log of its own, so that a message in a group of a
    /// thousand is one row and not a thousand.
    /// </summary>
    public long EventSeq { get; set; }
}

/// <summary>What a group may be called, and how large it gets.</summary>
public static class GroupRules
{
    public const int MaxMembers = 1_000;
    public const int MaxNameLength = 100;

    /// <summary>In groups up to this size the authors learn who has received and read; in larger ones that is asked for.</summary>
    public const int MaxShownReceipts = 32;

    public static readonly TimeSpan DefaultLinkLife = TimeSpan.FromDays(7);
    public static readonly TimeSpan MaxLinkLife = TimeSpan.FromDays(365);

    /// <returns>Null when it is fine, else what is wrong with it.</returns>
    public static string? CheckName(string? name)
    {
        if (string.IsNullOrWhiteSpace(name)) return "A group needs a name that is not blank.";
        if (name.Trim().Length > MaxNameLength) return $"The name of a group has at most {MaxNameLength} characters.";
        return name.Any(char.IsControl) ? "The name of a group must not contain control characters." : null;
    }

    public static string? CheckAvatar(string? avatar) =>
        avatar is { Length: > AccountRules.MaxAvatarLength } ? $"The avatar address must have at most {AccountRules.MaxAvatarLength} characters." : null;
}

/// <summary>A group as somebody last saw it.</summary>
public sealed record GroupFarewell(string Name, string? Avatar, long Members);
