using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

internal static partial class V1Endpoints
{
    private static void MapRelations(Routes routes)
    {
        routes.Map("/api/chat/block/{userId}", ("POST", request => ChangeAsync(request, RelationChange.Block, "User blocked successfully", "User is already blocked", 400)));
        routes.Map("/api/chat/unblock/{userId}", ("DELETE", request => ChangeAsync(request, RelationChange.Unblock, "User unblocked successfully", "User is not blocked", 404)));
        routes.Map("/api/chat/is-blocked/{userId}", ("GET", IsBlockedAsync));
        routes.Map("/api/chat/blocked", ("GET", request => RelatedAsync(request, "blocked_at", relation => relation.BlockedAt)));
        routes.Map("/api/chat/mute/{userId}", ("POST", request => ChangeAsync(request, RelationChange.Mute, "User muted successfully", "User is already muted", 400)));
        routes.Map("/api/chat/unmute/{userId}", ("DELETE", request => ChangeAsync(request, RelationChange.Unmute, "User unmuted successfully", "User is not muted", 404)));
        routes.Map("/api/chat/is-muted/{userId}", ("GET", IsMutedAsync));
        routes.Map("/api/chat/muted", ("GET", request => RelatedAsync(request, "muted_at", relation => relation.IsMuted(request.Server.Now.Microseconds) ? relation.MutedAt : null)));
    }

    private static async Task ChangeAsync(ApiRequest request, RelationChange change, string done, string unchanged, int unchangedStatus)
    {
        var me = (await request.IdentifyAsync()).Account;
        if (await SubmitAsync(request, new ChangeRelation(me, await request.PeerAsync(), change)) > 0) await request.Context.MessageAsync(done);
        else throw new RefusedRequestException(unchangedStatus == 404 ? WireError.NotFound : WireError.Invalid, unchanged, unchangedStatus);
    }

    private static async Task IsBlockedAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var other = await request.PeerAsync();
        var mine = (await request.Store.ReadRelationAsync(me.Key, other.Key, request.Cancel)).Blocked;
        var theirs = (await request.Store.ReadRelationAsync(other.Key, me.Key, request.Cancel)).Blocked;
        await request.Context.ObjectAsync(json =>
        {
            json.WriteBoolean("i_blocked_them", mine);
            json.WriteBoolean("they_blocked_me", theirs);
            json.WriteBoolean("is_blocked", mine || theirs);
        });
    }

    private static async Task IsMutedAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var relation = await request.Store.ReadRelationAsync(me.Key, (await request.PeerAsync()).Key, request.Cancel);
        await request.Context.ObjectAsync(json => json.WriteBoolean("is_muted", relation.IsMuted(request.Server.Now.Microseconds)));
    }

    private static async Task RelatedAsync(ApiRequest request, string timeName, Func<Relation, long?> time)
    {
        var me = (await request.IdentifyAsync()).Account;
        var related = await request.Store.ReadRelationsAsync(me.Key, request.Cancel);
        await request.Context.JsonAsync(json =>
        {
            json.WriteStartArray();
            foreach (var (other, relation) in related)
            {
                if (time(relation) is not { } at) continue;
                json.WriteStartObject();
                json.WriteString("user_id", other.Id);
                json.WriteString("username", other.Username);
                json.WriteString("full_name", other.Name);
                json.WriteString("profile_picture", other.Avatar);
                ServerFrameFields.WriteTimestamp(json, System.Text.Encoding.UTF8.GetBytes(timeName), new Timestamp(at));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
