namespace Tieline.Doctor.Probes;

/// <summary>RFC 6455 section 4.1, the client's side: a 101 that breaks one rule is no open socket in any real client.</summary>
internal static class HandshakeRules
{
    public static HandshakeFlaw? Check(Answer answer, Ask ask)
    {
        if (answer.Count("Upgrade") > 1) return new("proxy.duplicate_upgrade_header", "the Upgrade header comes twice");
        if (answer["Upgrade"] is not { } upgrade) return new("proxy.upgrade_hidden", "the Upgrade header is missing");
        if (!upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase)) return new("proxy.duplicate_upgrade_header", $"Upgrade says '{Answer.Clip(upgrade, 40)}'");
        var connection = string.Join(',', answer.Headers.Where(h => h.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase)).Select(h => h.Value));
        if (connection.Length == 0) return new("proxy.connection_hidden", "the Connection header is missing");
        if (!connection.Split(',').Any(t => t.Trim().Equals("upgrade", StringComparison.OrdinalIgnoreCase)))
            return new("proxy.connection_hidden", $"Connection says '{Answer.Clip(connection, 40)}'");
        if (answer["Sec-WebSocket-Accept"] is not { } accept) return new("proxy.accept_hidden", "Sec-WebSocket-Accept is missing");
        if (accept != ask.ExpectedAccept()) return new("proxy.wrong_accept", "Sec-WebSocket-Accept does not belong to the key that was sent");
        if (answer["Sec-WebSocket-Protocol"] is { } chosen && (ask.Subprotocol is null || !ask.Subprotocol.Split(',').Any(p => p.Trim() == chosen)))
            return new("proxy.subprotocol_stripped", $"the subprotocol '{Answer.Clip(chosen, 40)}' was not asked for");
        return null;
    }
}
