namespace Tieline.Core.Ledgers;

/// <summary>The two forms in which an avatar means a file of this server: named by who sets it, and shown to everybody.</summary>
public static class GroupPicture
{
    private const string Named = "upload:";
    private const string Before = "/api/chat/files/";
    private const string Behind = "/picture";

    /// <returns>The id of the upload that the avatar names; null where it is an address, or none.</returns>
    public static string? UploadIn(string? avatar) => avatar?.StartsWith(Named, StringComparison.Ordinal) == true ? avatar[Named.Length..] : null;

    /// <summary>Who knows it sees the picture, as long as it is the picture of a group: it is shown to people who are signed in nowhere, such as those with a link.</summary>
    public static string AddressOf(string id) => Before + id + Behind;

    public static bool IsShown(string? avatar) =>
        avatar is not null && avatar.StartsWith(Before, StringComparison.Ordinal) && avatar.EndsWith(Behind, StringComparison.Ordinal);
}
