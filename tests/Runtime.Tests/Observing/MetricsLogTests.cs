using System.Text.Json.Nodes;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Runtime.Tests.Observing;

/// <summary>What a run's log holds, after crashes as well, and whether others can read its events.</summary>
public sealed class MetricsLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Events_are_read_by_their_definition()
    {
        using (var log = new MetricsLog(folder.Path, 0))
        {
            log.Write(1, [("loss", 2.5), ("loss/small", null), ("rate", 0.03)]);
            log.Write(123_456_789, [("loss", double.NaN), ("knn/max", 0.5)]);
        }
        Assert.Equal(
            "brain.Event:2\n1 loss 2.500000\n1 rate 0.030000\n123456789 knn/max 0.500000",
            TfRecords.Read(folder["events.out.tfevents.datassl"]));
    }

    [Fact]
    public void A_resumed_log_drops_what_came_after_the_checkpoint_and_half_a_line()
    {
        using (var log = new MetricsLog(folder.Path, 0))
            for (var step = 1; step <= 5; step++) log.Write(step, [("loss", step)]);
        File.AppendAllText(folder[MetricsLog.FileName], "{\"step\":6,\"lo");
        using (var log = new MetricsLog(folder.Path, 3)) log.Write(4, [("loss", 40)]);

        var lines = File.ReadAllLines(folder[MetricsLog.FileName]).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([(1, 1.0), (2, 2), (3, 3), (4, 40)], lines.Select(l => ((int)l["step"]!, (double)l["loss"]!)));
        Assert.Equal(
            "brain.Event:2\n1 loss 1.000000\n2 loss 2.000000\n3 loss 3.000000\n4 loss 40.000000",
            TfRecords.Read(folder["events.out.tfevents.datassl"]));
    }

    /// <summary>One damaged line is named and stays, byte for byte; what came after it, up to the checkpoint, stays too.</summary>
    [Theory]
    [InlineData("{\"step\":2,\"loss\":2")]
    [InlineData("{\"step\":2,\"step\":2,\"loss\":2}")]
    [InlineData("{\"step\":\"two\"}")]
    [InlineData("{\"step\":2,\"loss\":2}")]
    [InlineData("\u0000\u0000")]
    public void A_damaged_line_is_named_and_kept(string damaged)
    {
        var path = folder[MetricsLog.FileName];
        using (var log = new MetricsLog(folder.Path, 0))
            for (var step = 1; step <= 4; step++) log.Write(step, [("loss", step)]);
        var lines = File.ReadAllLines(path);
        lines[1] = damaged;
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        for (var times = 0; times < 2; times++)
        {
            var notices = new List<string>();
            using (new MetricsLog(folder.Path, 3, notices.Add)) { }
            Assert.Equal(
                $"{path}, line 2: damaged, or without the seal that each line is written with, not a measurement; kept as it is",
                Assert.Single(notices));
            Assert.Equal(lines[..3], File.ReadAllLines(path));
        }
    }

    /// <summary>Lines of an earlier version, which wrote no seals, are told of in one.</summary>
    [Fact]
    public void Many_damaged_lines_are_told_of_in_one()
    {
        File.WriteAllLines(folder[MetricsLog.FileName], Enumerable.Range(1, 1500).Select(step => $"{{\"step\":{step}}}"));
        var notices = new List<string>();
        using (new MetricsLog(folder.Path, 3, notices.Add)) { }
        Assert.Contains(", line 1 and 1,499 more: damaged", Assert.Single(notices));
    }

    /// <summary>The events are written anew: a link in their place leads nowhere.</summary>
    [Fact]
    public void A_link_in_the_place_of_the_events_is_replaced()
    {
        var outside = folder.Write("outside", [1, 2, 3]);
        File.CreateSymbolicLink(folder[MetricsLog.EventFileName], outside);
        using (var log = new MetricsLog(folder.Path, 0)) log.Write(1, [("loss", 1)]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(outside));
        Assert.Null(new FileInfo(folder[MetricsLog.EventFileName]).LinkTarget);
    }

    public void Dispose() => folder.Dispose();
}
