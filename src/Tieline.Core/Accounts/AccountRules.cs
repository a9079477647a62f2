using Tieline.Protocol;

namespace Tieline.Core.Accounts;

/// <summary>What an account may be called. Every rule says what is wrong in a sentence.</summary>
public static class AccountRules
{
    public const int MaxNameLength = 200;
    public const int MaxEmailLength = 254;
    public const int MaxAvatarLength = 2048;
    public const int MaxTypeLength = 64;
    public const int MinPasswordLength = 8;
    public const int MaxPasswordLength = 256;

    /// <summary>The form in which an e-mail address is stored and compared: addresses differ by more than case.</summary>
    public static string NormalizeEmail(string email) => email.Trim().ToLowerInvariant();

    /// <summary>The form in which a user name is compared.</summary>
    public static string NormalizeUsername(string username) => username.Trim().ToLowerInvariant();

    /// <returns>Null when the draft is fine, else what is wrong with it.</returns>
    public static string? Check(AccountDraft draft)
    {
        if (!AccountIds.IsValid(draft.Id))
            return $"id must be 1 to {AccountIds.MaxLength} of A-Z a-z 0-9 . _ ~ | : @ -, not \"me\" and not starting with _.";
        if (draft.Email is not null && CheckEmail(draft.Email) is { } email) return email;
        if (string.IsNullOrWhiteSpace(draft.Name)) return "The name must not be blank.";
        if (draft.Name.Length > MaxNameLength) return $"The name must have at most {MaxNameLength} characters.";
        if (draft.Username is { } username && (username.Length is 0 or > 64 || username.AsSpan().ContainsAny(' ', '@', '/')))
            return "The username must have 1 to 64 characters, without spaces, @ and /.";
        if (draft.Avatar is { Length: > MaxAvatarLength }) return $"The avatar address must have at most {MaxAvatarLength} characters.";
        if (draft.AccountType is { Length: > MaxTypeLength }) return $"The account type must have at most {MaxTypeLength} characters.";
        return HasControlCharacter(draft.Name) || HasControlCharacter(draft.Username) ? "Names must not contain control characters." : null;
    }

    public static string? CheckEmail(string email)
    {
        var at = email.IndexOf('@', StringComparison.Ordinal);
        var plausible = at > 0 && at == email.LastIndexOf('@') && at < email.Length - 1 && email.Length <= MaxEmailLength
            && !email.AsSpan().ContainsAny(' ', '\t', '\n') && !HasControlCharacter(email);
        return plausible ? null : "That is not an e-mail address.";
    }

    public static string? CheckPassword(string? password) => password?.Length switch
    {
        null or < MinPasswordLength => $"The password must have at least {MinPasswordLength} characters.",
        > MaxPasswordLength => $"The password must have at most {MaxPasswordLength} characters.",
        _ => null,
    };

    private static bool HasControlCharacter(string? text) => text is not null && text.Any(char.IsControl);
}
