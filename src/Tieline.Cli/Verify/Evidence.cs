namespace Tieline.Cli.Verify;

/// <summary>One message that a person sent, numbered from 1 in the order of sending.</summary>
/// <param name="Acknowledged">Where the server said that it stands; null when it never said.</param>
internal sealed record SentMessage(string ClientId, string From, string To, int Number, string Text, Place? Acknowledged);

/// <summary>A message's place for good.</summary>
internal readonly record struct Place(string Conversation, long Seq);

/// <summary>A message as the store shows it, or as it was delivered.</summary>
internal sealed record KeptMessage(Place Place, string ClientId, string From, string Text);

/// <summary>How far somebody has received and read, as it was told to somebody else.</summary>
internal sealed record ShownReceipt(string Conversation, string User, long Delivered, long Read);

/// <summary>One event of a person's log, in the order of arrival. Not every event is a message.</summary>
internal sealed record Delivery(long Pos, KeptMessage? Message, ShownReceipt? Receipt = null);

/// <summary>A page from the end of a conversation that a person read in the middle of everything.</summary>
/// <param name="Known">The newest message that this person had an acknowledgement or a delivery of before it asked.</param>
internal sealed record Reading(string Conversation, long Known, IReadOnlyList<KeptMessage> Page);

/// <summary>How far a person said that it has read.</summary>
/// <param name="Said">It may be that the server never heard it.</param>
/// <param name="Confirmed">The server said that it has stored it.</param>
internal sealed record ReadMark(long Said, long Confirmed);

/// <summary>A person's whole log, read again at the end without interruption.</summary>
/// <param name="Where">By which node.</param>
internal sealed record WholeLog(string Where, IReadOnlyList<Delivery> Events);

/// <summary>All that is known about one person at the end: its history.</summary>
internal sealed record Evidence(string Person, IReadOnlyList<SentMessage> Sent, IReadOnlyList<Delivery> Delivered)
{
    public IReadOnlyList<Reading> Readings { get; init; } = [];

    /// <summary>By conversation.</summary>
    public IReadOnlyDictionary<string, ReadMark> Marks { get; init; } = new Dictionary<string, ReadMark>();

    public IReadOnlyList<WholeLog> Logs { get; init; } = [];
}
