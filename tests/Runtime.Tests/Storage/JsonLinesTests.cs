using System.Text.Json.Nodes;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Runtime.Tests.Storage;

public sealed class JsonLinesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Writers_at_the_same_time_lose_no_line()
    {
        var path = folder["lines.jsonl"];
        Parallel.For(
            0, 40, new() { MaxDegreeOfParallelism = 4 },
            i => JsonLines.Append(path, new() { ["i"] = i, ["text"] = new string('é', 3000) }));
        Assert.Equal(Enumerable.Range(0, 40), File.ReadAllLines(path).Select(line => (int)JsonNode.Parse(line)!["i"]!).Order());
    }

    /// <summary>Of a last line that a killed process left half of nothing stays; one that lacks but its end gets it.</summary>
    [Theory]
    [InlineData("{\"half\":", "")]
    [InlineData("{\"whole\":1}", "{\"whole\":1}\n")]
    public void A_line_without_an_end_is_mended(string left, string kept)
    {
        var path = folder.Write("lines.jsonl", System.Text.Encoding.UTF8.GetBytes(left));
        JsonLines.Append(path, new() { ["next"] = true });
        Assert.Equal(kept + System.Text.Encoding.UTF8.GetString(JsonLines.Sealed(new() { ["next"] = true })), File.ReadAllText(path));
    }

    /// <summary>Half a last line is no damage; a whole one that lacks but its end is a line.</summary>
    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":2}\n", 2)]
    [InlineData("{\"a\":1}\n{\"a\":2}", 2)]
    [InlineData("{\"a\":1}\n{\"a\":", 1)]
    [InlineData("{\"a\":", 0)]
    [InlineData("", 0)]
    public void Half_a_last_line_does_not_count(string text, int lines)
    {
        var path = folder.Write("lines.jsonl", System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(Enumerable.Range(1, lines), JsonLines.Read(path).Select(line => (int)line.Entry!["a"]!));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":{\"b\":1,\"b\":2}}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void Any_other_damage_is_kept_and_has_its_number(string damaged)
    {
        var path = folder.Write("lines.jsonl", System.Text.Encoding.UTF8.GetBytes($"{{\"a\":1}}\n{damaged}\n{{\"a\":3}}\n"));
        var lines = JsonLines.Read(path).ToList();
        Assert.Equal([(1, true), (2, false), (3, true)], lines.Select(line => (line.Number, line.Entry is not null)));
        Assert.Equal(damaged, System.Text.Encoding.UTF8.GetString(lines[1].Bytes));
    }

    /// <summary>Who adds a line holds the file alone.</summary>
    [Fact]
    public async Task A_reader_waits_for_who_writes()
    {
        var path = folder["held.jsonl"];
        JsonLines.Append(path, new() { ["i"] = 1 });
        var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var reading = Task.Run(() => JsonLines.Read(path).Count());
        await Task.Delay(100);
        Assert.False(reading.IsCompleted);
        held.Dispose();
        Assert.Equal(1, await reading);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_kept()
    {
        byte[] odd = [(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}'];
        var line = Assert.Single(JsonLines.Read(folder.Write("lines.jsonl", [.. odd, (byte)'\n'])));
        Assert.Null(line.Entry);
        Assert.Equal(odd, line.Bytes);
    }

    /// <summary>Work goes on from sealed lines: whatever byte of one changes, it is refused with its number.</summary>
    [Fact]
    public void A_sealed_line_that_changed_is_refused()
    {
        var path = folder["sealed.jsonl"];
        JsonLines.Append(path, new() { ["of"] = "ä" });
        JsonLines.Append(path, new() { ["score"] = 0.125 });
        Assert.Equal([1, 2], JsonLines.ReadSealed(path, "a line", "mend").Select(line => line.Number));
        var original = File.ReadAllBytes(path);
        var second = Array.IndexOf(original, (byte)'\n') + 1;
        for (var i = second; i < original.Length - 1; i++)
        {
            byte[] changed = [.. original];
            changed[i] ^= 1;
            File.WriteAllBytes(path, changed);
            Assert.Equal(
                $"{path}, line 2: not a line, or damaged; mend",
                Assert.Throws<UserException>(() => JsonLines.ReadSealed(path, "a line", "mend").ToList()).Message);
        }
        File.WriteAllBytes(path, [.. original[..second], .. "{\"score\":0.125}\n"u8]);
        Assert.Throws<UserException>(() => JsonLines.ReadSealed(path, "a line", "mend").ToList());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told_at_once() =>
        Assert.Throws<DirectoryNotFoundException>(() => JsonLines.Append(folder["no/lines.jsonl"], []));
}
