namespace Tieline.Protocol.Frames;

public static partial class ClientFrameReader
{
    private static CommandFrame? ReadMessageCommand(string type, in CommandFields fields)
    {
        switch (type)
        {
            case "edit": return new EditFrame(fields.Text("id"), fields.Text("message"), fields.ClientId);
            case "delete": return new DeleteFrame(fields.Text("id"), IsForAll(fields), fields.ClientId);
            case "react": return new ReactFrame(fields.Text("id"), fields.OptionalText("emoji"), fields.ClientId);
            case "pin": return new PinFrame(fields.Text("id"), fields.Flag("on"), fields.ClientId);
            case "star": return new StarFrame(fields.Text("id"), fields.Flag("on"), fields.ClientId);
            case "draft":
                var (to, conversation) = fields.Target();
                return new DraftFrame(to, conversation, fields.OptionalText("message") ?? "", fields.OptionalText("reply_to"), fields.ClientId);
            case "disappear":
                (to, conversation) = fields.Target();
                return new DisappearFrame(to, conversation, fields.Number("seconds"), fields.ClientId);
            default: return null;
        }
    }

    /// <summary>Never guessed: a message deleted for all is gone.</summary>
    private static bool IsForAll(in CommandFields fields) => fields.Text("for") switch
    {
        "all" => true,
        "me" => false,
        _ => throw fields.Invalid("for must be me or all."),
    };
}
