using System.Net;
using System.Net.Sockets;
using DataSsl.Cli.Launch;

namespace DataSsl.EndToEnd;

/// <summary>
/// Connections to every port that some processes listen on, by somebody who is none of theirs: silent ones, a single byte, garbage, and
/// many at once.
/// </summary>
internal sealed class Strangers : IDisposable
{
    private static readonly byte[][] Words =
    [
        [], [0], [.. Enumerable.Range(0, 256).Select(i => (byte)i)], "GET / HTTP/1.0\r\n\r\n"u8.ToArray(),
    ];
    private readonly List<Socket> sockets = [];

    /// <param name="processes">The processes.</param>
    /// <param name="each">Connections to each port, held until the end.</param>
    public Strangers(int[] processes, int each = 500)
    {
        var ports = processes.SelectMany(Ports).Distinct().ToList();
        Listening = ports.Count;
        foreach (var port in ports)
            for (var i = 0; i < each; i++) Connect(port, Words[i % Words.Length]);
    }

    /// <summary>Ports that were tried.</summary>
    public int Listening { get; }

    /// <summary>Connections that have come about by now.</summary>
    public int Heard =>
        sockets.Count(
            socket =>
                socket.Poll(0, SelectMode.SelectWrite)
                    && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0);

    private void Connect(int port, byte[] word)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        sockets.Add(socket);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException e) when (
            e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress or SocketError.ConnectionRefused)
        {
            // Under way; what is closed never answers.
        }
        if (word.Length > 0 && socket.Poll(0, SelectMode.SelectWrite)) socket.Send(word);
    }

    private static IEnumerable<int> Ports(int process)
    {
        var own = PortSeal.SocketsOf(process);
        return PortSeal.Connections(process).Where(c => c.IsListening && own.ContainsKey(c.Socket)).Select(c => (int)c.Port);
    }

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());
}
