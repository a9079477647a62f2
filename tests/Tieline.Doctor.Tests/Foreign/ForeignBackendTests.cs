using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tieline.Doctor.Targets;
using Tieline.Doctor.Tests.Cases;

namespace Tieline.Doctor.Tests.Foreign;

/// <summary>Servers that nobody here wrote, as Debian ships them.</summary>
public sealed class ForeignBackendTests
{
    private const string Fastapi = """
        import sys, importlib.abc
        class Hide(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name.split('.')[0] in hidden: raise ModuleNotFoundError(name)
        hidden = {'wsproto'} | ({'websockets'} if sys.argv[2] == 'without' else set())
        sys.meta_path.insert(0, Hide())
        import uvicorn
        from fastapi import FastAPI, WebSocket
        app = FastAPI()
        @app.get('/api/chat/test')
        async def test(): return {'status': 'ok'}
        @app.websocket('/api/chat/ws/{peer}')
        async def line(ws: WebSocket, peer: str):
            await ws.accept()
            while True: await ws.send_text(await ws.receive_text())
        uvicorn.run(app, host='127.0.0.1', port=int(sys.argv[1]))
        """;

    private const string SocketIo = """
        import sys, socketio
        from aiohttp import web
        sio = socketio.AsyncServer(async_mode='aiohttp')
        app = web.Application()
        sio.attach(app)
        web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)
        """;

    private const string Websockets = """
        import sys, asyncio, websockets
        async def line(ws, path=None):
            async for message in ws: await ws.send(message)
        async def main():
            async with websockets.serve(line, '127.0.0.1', int(sys.argv[1])): await asyncio.Future()
        asyncio.run(main())
        """;

    public static TheoryData<string, string, string, string> Backends => new()
    {
        { "fastapi with its library", "/api/chat/ws/bob", "none", "" },
        { "fastapi without its library", "/api/chat/ws/bob", "backend.no_ws_library", "" },
        { "fastapi at a wrong path", "/api/chat/socket/bob", "client.wrong_path", "" },
        { "socket.io", "/socket.io/?EIO=4&transport=websocket", "none", "" },
        { "socket.io at a wrong path", "/chat", "client.wrong_path", "" },
        { "python websockets", "/", "none", "" },
        { "mosquitto", "/mqtt", "none", "mqtt" },
    };

    [Theory, MemberData(nameof(Backends))]
    public async Task A_foreign_server_gets_the_right_finding(string server, string path, string cause, string subprotocol)
    {
        var cancel = TestContext.Current.CancellationToken;
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("tieline-foreign-").FullName;
        using var process = Start(server, port, folder);
        try
        {
            await ListeningAsync(port, cancel);
            var place = new Endpoint("127.0.0.1", port, false);
            var options = new DoctorOptions
            {
                Target = Target.Parse($"ws://127.0.0.1:{port}{path}", null, out _)!,
                Backend = place,
                NoEcho = true,
                Hold = TimeSpan.Zero,
                Subprotocol = subprotocol.Length > 0 ? subprotocol : null,
            };
            var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel);
            if (cause == "none") outcome.Verdict.Healthy.ShouldBeTrue(JudgementTests.Said(outcome));
            else outcome.Verdict.Findings[0].Entry.Cause.ShouldBe(cause, JudgementTests.Said(outcome));
        }
        finally
        {
            process.Kill(true);
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, true);
        }
    }

    private static Process Start(string server, int port, string folder)
    {
        string[] Python(string program, params string[] more) => ["/usr/bin/python3", "-c", program, $"{port}", .. more];
        var command = server switch
        {
            "fastapi without its library" => Python(Fastapi, "without"),
            "socket.io" or "socket.io at a wrong path" => Python(SocketIo),
            "python websockets" => Python(Websockets),
            "mosquitto" => ["/usr/sbin/mosquitto", "-c", Path.Combine(folder, "mosquitto.conf")],
            _ => Python(Fastapi, "with"),
        };
        // Mosquitto 2.0.11 ends when it has no listener but one for WebSockets.
        if (server == "mosquitto") File.WriteAllText(Path.Combine(folder, "mosquitto.conf"), $"listener {FreePort()} 127.0.0.1\nlistener {port} 127.0.0.1\nprotocol websockets\nallow_anonymous true\n");
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", Path.Combine(folder, "out"), .. command]) { WorkingDirectory = folder })!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ListeningAsync(int port, CancellationToken cancel)
    {
        var end = Environment.TickCount64 + 20_000;
        while (true)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync("127.0.0.1", port, cancel);
                return;
            }
            catch (SocketException) when (Environment.TickCount64 < end)
            {
                await Task.Delay(100, cancel);
            }
        }
    }
}
