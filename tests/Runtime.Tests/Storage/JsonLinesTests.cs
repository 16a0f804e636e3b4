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
        Parallel.For(0, 40, new() { MaxDegreeOfParallelism = 4 }, i => JsonLines.Append(path, new() { ["i"] = i, ["text"] = new string('é', 3000) }));
        Assert.Equal(Enumerable.Range(0, 40), File.ReadAllLines(path).Select(line => (int)JsonNode.Parse(line)!["i"]!).Order());
    }

    [Fact]
    public void A_line_without_an_end_is_left_alone()
    {
        var path = folder.Write("lines.jsonl", """{"half":"""u8.ToArray());
        JsonLines.Append(path, new() { ["whole"] = true });
        Assert.Equal("""
            {"half":
            {"whole":true}

            """, File.ReadAllText(path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told_at_once() => Assert.Throws<DirectoryNotFoundException>(() => JsonLines.Append(folder["no/lines.jsonl"], []));
}
