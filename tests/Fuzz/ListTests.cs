using System.Text;
using DataSsl.Cli.Tests;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Fuzz;

/// <summary>Lists, sets and annotations that anybody may have written: each ends in images, or in one line that names it.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ListTests : IDisposable
{
    private const int Images = 6, Commands = 1;
    private const long Beside = 256 << 20;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder folder = new();

    public ListTests()
    {
        for (var i = 0; i < Images; i++)
            foreach (var place in new[] { "", "JPEGImages/", "train/" })
                folder.Write($"{place}{i}.jpg", Pictures.Encoded(Pictures.Waves(40, 30, i), jpeg: true));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("list.csv")]
    [InlineData("list.tsv")]
    [InlineData("list.txt")]
    [InlineData("ImageSets/Main/some.txt")]
    [InlineData("annotations/instances_train.json")]
    [InlineData("test_batch.bin")]
    public void A_damaged_list_is_read_or_refused_in_one_line(string name)
    {
        var original = Content(name);
        var path = folder.Write(name, original);
        Assert.InRange(ImageSource.Open(path).Count, 3, Images);
        var (rounds, read, refused) = (Mutation.Rounds(80), 0, 0);
        var peak = PeakMemory.Of(() =>
        {
            for (var seed = 0; seed < rounds; seed++)
            {
                folder.Write(name, Mutation.Of(original, seed));
                var open = Task.Run(() => Read(path));
                if (!open.Wait(patience)) Environment.FailFast($"{name}, seed {seed}: not read within {patience.TotalSeconds} s");
                if (open.Result is null) read++;
                else
                {
                    refused++;
                    Assert.DoesNotContain('\n', open.Result);
                    Assert.True(open.Result.Contains(name, StringComparison.Ordinal), $"{name}, seed {seed}: {open.Result}");
                }
                if (seed % (rounds / Commands) == 0)
                    _ = Ending.Of(
                        $"{name}, seed {seed}", "evaluate", "knn", "--random", "--space", "Demo", "--arch", "Min", "--size", "32", "--data",
                        path);
            }
        });
        Assert.True(read > 0 && refused > 0, $"{name}: {read} read, {refused} refused: too much damage, or none seen");
        if (peak is { } bytes) Assert.InRange(bytes, 0, Beside);
    }

    /// <summary>Opens and decodes a source; what it says, if it refuses.</summary>
    private static string? Read(string path)
    {
        try
        {
            var source = ImageSource.Open(path);
            Assert.Equal(64, source.Fingerprint.Length);
            Assert.True(source.Labels is null || source.Labels.All(label => label >= 0 && label < source.ClassNames.Count));
            var warnings = new List<string>();
            var store = ImageStore.Load(source, new() { Canvas = 24, Workers = 1 }, warnings.Add);
            Assert.Equal(source.Count, store.Count + warnings.Count);
            Assert.All(warnings, warning => Assert.DoesNotContain('\n', warning));
            return null;
        }
        catch (UserException e)
        {
            return e.Message;
        }
    }

    private static byte[] Content(string name)
    {
        var all = Enumerable.Range(0, Images);
        return name switch
        {
            "list.csv" => Encoding.UTF8.GetBytes(
                "path,\"class\"\r\n"
                    + string.Concat(all.Select(i => i % 2 == 0 ? $"\"{i}.jpg\",\"c {i % 3}\"\r\n" : $"{i}.jpg,c{i % 3}\r\n"))),
            "list.tsv" => Encoding.UTF8.GetBytes(string.Concat(all.Select(i => $"{i}.jpg\t{i % 2}\n"))),
            "list.txt" => Encoding.UTF8.GetBytes(string.Concat(all.Select(i => $"{i}.jpg\n"))),
            "test_batch.bin" => [.. all.SelectMany(i => new byte[3073].Select((_, at) => (byte)(at == 0 ? i : at * i)))],
            "annotations/instances_train.json" => Encoding.UTF8.GetBytes(
                $$"""{"info": {"year": 2026}, "images": [{{string.Join(", ", all.Select(CocoImage))}}], "annotations": [{"bbox": [1, 2, 3, 4]}]}"""),
            _ => Encoding.UTF8.GetBytes(string.Concat(all.Select(i => $"{i} 1\n"))),
        };
    }

    private static string CocoImage(int i) => $$"""{"id": {{i}}, "file_name": "{{i}}.jpg"}""";
}
