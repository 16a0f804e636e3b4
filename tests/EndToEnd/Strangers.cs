using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataSsl.Cli;

namespace DataSsl.EndToEnd;

/// <summary>Connections to every port that some processes listen on, by somebody who is none of theirs: silent ones, a single byte, garbage, and many at once.</summary>
internal sealed class Strangers : IDisposable
{
    private static readonly byte[][] Words = [[], [0], [.. Enumerable.Range(0, 256).Select(i => (byte)i)], "GET / HTTP/1.0\r\n\r\n"u8.ToArray()];
    private readonly List<Socket> sockets = [];

    public Strangers(int[] processes)
    {
        var ports = processes.SelectMany(Ports).Distinct().ToList();
        Listening = ports.Count;
        foreach (var port in ports)
            for (var i = 0; i < 500; i++) Connect(port, Words[i % Words.Length]);
        Thread.Sleep(1000);
        Heard = sockets.Count(socket => socket.Poll(0, SelectMode.SelectWrite) && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0);
    }

    /// <summary>Ports that were tried.</summary>
    public int Listening { get; }

    /// <summary>Connections that came about.</summary>
    public int Heard { get; }

    private void Connect(int port, byte[] word)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        sockets.Add(socket);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress or SocketError.ConnectionRefused)
        {
            // Under way; what is closed never answers.
        }
        if (word.Length > 0 && socket.Poll(0, SelectMode.SelectWrite)) socket.Send(word);
    }

    /// <summary>sl local_address rem_address st …: those in the state of listening whose sockets are the process's.</summary>
    private static IEnumerable<int> Ports(int process)
    {
        var own = PortSeal.Sockets(process);
        foreach (var line in new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1)))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[3] == "0A" && own.ContainsKey(long.Parse(fields[9], CultureInfo.InvariantCulture)))
                yield return int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
    }

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());
}
