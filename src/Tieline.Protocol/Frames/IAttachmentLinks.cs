namespace Tieline.Protocol.Frames;

/// <summary>
/// Adds to a stored description of attachments the addresses that are good now. A message is shown in many frames and kept encoded for
/// long; its addresses are short-lived, so whoever writes it asks for them then.
/// </summary>
public interface IAttachmentLinks
{
    /// <summary>The addresses made within one period are the same for everybody; what was encoded in another one is stale.</summary>
    long Period { get; }

    /// <summary>The description as a JSON array with <c>url</c> and <c>thumb_url</c>.</summary>
    string Show(string conversation, string stored);
}
