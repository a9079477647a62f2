using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>What is asked of a group; its commands come as all others do.</summary>
internal static class GroupEndpoints
{
    private const int DefaultMembers = 100;
    private const int MaxMembers = 200;

    public static void Map(Routes routes) => routes.Map("/api/chat/members", ("GET", MembersAsync));

    private static async Task MembersAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var conversation = request.Text("conversation") ?? throw new RefusedRequestException(WireError.Invalid, "conversation is missing.");
        var limit = (int)Math.Clamp(request.Number("limit", 1) ?? DefaultMembers, 1, MaxMembers);
        var page = await request.Store.ReadMembersAsync(me.Key, new ConversationTarget(null, conversation), request.Text("after"), limit, request.Cancel)
            ?? throw new RefusedRequestException(WireError.NotFound, "There is no such conversation.");
        await request.Context.ObjectAsync(json =>
        {
            json.WriteStartArray("members");
            foreach (var member in page.Members) ServerFrameFields.WriteMember(json, member);
            json.WriteEndArray();
            json.WriteString("next", page.Next);
        });
    }
}
