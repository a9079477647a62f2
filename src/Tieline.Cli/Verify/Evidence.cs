namespace Tieline.Cli.Verify;

/// <summary>One message that a person sent, numbered from 1 in the order of sending.</summary>
/// <param name="Acknowledged">Where the server said that it stands; null when it never said.</param>
internal sealed record SentMessage(string ClientId, string From, string To, int Number, string Text, Place? Acknowledged);

/// <summary>A message's place for good.</summary>
internal readonly record struct Place(string Conversation, long Seq);

/// <summary>A message as the store shows it, or as it was delivered.</summary>
internal sealed record KeptMessage(Place Place, string ClientId, string From, string Text);

/// <summary>One event of a person's log, in the order of arrival. Not every event is a message.</summary>
internal sealed record Delivery(long Pos, KeptMessage? Message);

/// <summary>All that is known about one person at the end.</summary>
internal sealed record Evidence(string Person, IReadOnlyList<SentMessage> Sent, IReadOnlyList<Delivery> Delivered);
