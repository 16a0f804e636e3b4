using System.Globalization;
using System.Text;
using DataSsl.Jobs.Similarity;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;
using ParquetFileReader = ParquetSharp.ParquetFileReader;

namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class EmbedTests(TrainedRun run)
{
    /// <summary>Header and numbers are read by the format's text, not by what wrote them.</summary>
    [Fact]
    public void A_npy_file_holds_what_the_supernet_itself_gives()
    {
        var (train, _) = run.LabelledSets();
        var file = run.NewFolder() + "/found.npy";
        var json = Command.Succeed([.. Asking(train), "--out", file, "--json"]).Json;
        var (shape, numbers) = Npy(file);
        var images = ImageFolder.Open(train);
        Assert.Equal(shape, json["shape"]!.AsArray().Select(n => (int)n!));
        Assert.Equal(images.Count, shape[0]);
        Assert.Equal(images.Paths.Select(Path.GetFullPath), File.ReadAllLines(file.Replace(".npy", ".paths.txt")));
        Assert.Equal(file.Replace(".npy", ".paths.txt"), (string)json["paths"]!);
        Assert.Equal("subnet", (string)json["network"]!["kind"]!);
        using var scope = NewDisposeScope();
        using var networks = Runtime.Training.Checkpoint.LoadNetworks(run.Checkpoint, Spaces.Demo.Space, CPU);
        var expected = new Embedder(networks.Student, Spaces.Demo.Space.Parse("Middle"), 32, CPU)
            .Embed(ImageStore.Load(images, new() { Canvas = int.MaxValue }));
        // Those are of length 1, and these are as the network gives them.
        var found = nn.functional.normalize(tensor(numbers).view(shape[0], shape[1]), dim: 1);
        Assert.InRange(found.sub(expected).abs().max().item<float>(), 0, 1e-5);
        Assert.Equal([file, file.Replace(".npy", ".paths.txt")], Directory.GetFiles(Path.GetDirectoryName(file)!).Order());
    }

    [Fact]
    public void A_csv_file_holds_the_same_and_any_path()
    {
        var folder = run.NewFolder();
        Directory.CreateDirectory(folder);
        foreach (var (name, i) in new[] { "a, b.png", "say \"cheese\".png", "z.png" }.Select((name, i) => (name, i)))
            File.Copy(Directory.GetFiles(run.Data, "*.png", SearchOption.AllDirectories).Order().ElementAt(i), Path.Combine(folder, name));
        var (csv, npy) = (Path.Combine(folder, "found.csv"), Path.Combine(folder, "found.npy"));
        Command.Succeed([.. Asking(folder), "--out", csv]);
        Command.Succeed([.. Asking(folder), "--out", npy]);
        var lines = File.ReadAllLines(csv);
        var (shape, numbers) = Npy(npy);
        Assert.Equal("path," + string.Join(',', Enumerable.Range(0, shape[1])), lines[0]);
        string[] paths = [$"\"{folder}/a, b.png\"", $"\"{folder}/say \"\"cheese\"\".png\"", $"{folder}/z.png"];
        Assert.Equal(paths.Length + 1, lines.Length);
        foreach (var (i, path) in paths.Index())
        {
            Assert.StartsWith(path + ",", lines[i + 1]);
            Assert.Equal(
                numbers.Skip(i * shape[1]).Take(shape[1]),
                lines[i + 1][(path.Length + 1)..].Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Read back by Apache Arrow's own reader: a list of floats an image, each of the same bits.</summary>
    [Fact]
    public void A_parquet_file_holds_the_same_bits()
    {
        var (train, _) = run.LabelledSets();
        var (parquet, npy) = (run.NewFolder() + "/found.parquet", run.NewFolder() + "/found.npy");
        var json = Command.Succeed([.. Asking(train), "--out", parquet, "--json"]).Json;
        Command.Succeed([.. Asking(train), "--out", npy]);
        var (shape, numbers) = Npy(npy);
        Assert.Equal(shape, json["shape"]!.AsArray().Select(n => (int)n!));
        Assert.Equal([parquet], Directory.GetFiles(Path.GetDirectoryName(parquet)!));
        var (paths, vectors) = Parquet(parquet);
        Assert.Equal(File.ReadAllLines(npy.Replace(".npy", ".paths.txt", StringComparison.Ordinal)), paths);
        Assert.All(vectors, vector => Assert.Equal(shape[1], vector.Length));
        Assert.Equal(Bits(numbers), Bits(vectors.SelectMany(v => v)));
    }

    [Fact]
    public void A_parquet_file_of_many_images_has_them_all_in_order()
    {
        var file = run.NewFolder() + "/many.parquet";
        string[] names = [.. Enumerable.Range(0, 2500).Select(i => i % 7 == 0 ? $"line\nbreak {i}" : $"a,\"b\" ü/{i}.png")];
        using var vectors = randn([2500, 3]);
        vectors[1999, 1] = float.NaN;
        var many = EmbeddingFile.Of(file);
        many.MakeRoom();
        many.Write(names, vectors);
        var (paths, read) = Parquet(file);
        Assert.Equal(names, paths);
        Assert.Equal(Bits(vectors.data<float>()), Bits(read.SelectMany(v => v)));
    }

    private static IEnumerable<int> Bits(IEnumerable<float> values) => values.Select(BitConverter.SingleToInt32Bits);

    private static (IReadOnlyList<string> Paths, IReadOnlyList<float[]> Vectors) Parquet(string path)
    {
        using var file = new ParquetFileReader(path);
        Assert.Equal(
            ["path", "embedding.list.element"],
            Enumerable.Range(0, 2).Select(i => file.FileMetaData.Schema.Column(i).Path.ToDotString()));
        var (paths, vectors) = (new List<string>(), new List<float[]>());
        for (var i = 0; i < file.FileMetaData.NumRowGroups; i++)
        {
            using var group = file.RowGroup(i);
            var rows = (int)group.MetaData.NumRows;
            Assert.InRange(rows, 1, 1024);
            using (var column = group.Column(0).LogicalReader<string>()) paths.AddRange(column.ReadAll(rows));
            using (var column = group.Column(1).LogicalReader<float[]>()) vectors.AddRange(column.ReadAll(rows));
        }
        return (paths, vectors);
    }

    [Fact]
    public void A_broken_image_is_named_and_left_out()
    {
        var folder = run.NewFolder();
        Directory.CreateDirectory(folder);
        var good = Directory.GetFiles(run.Data, "*.png", SearchOption.AllDirectories).Order().Take(3).ToArray();
        for (var i = 0; i < 3; i++) File.Copy(good[i], Path.Combine(folder, $"{i}.png"));
        File.WriteAllBytes(Path.Combine(folder, "1.png"), File.ReadAllBytes(good[1])[..100]);
        var file = Path.Combine(folder, "found.npy");
        var done = Command.Succeed([.. Asking(folder), "--out", file, "--json"]);
        Assert.Contains($"skipped: cannot read the image '{Path.Combine(folder, "1.png")}': ", done.Error);
        Assert.Contains("2 images (folder), 1 unreadable skipped", done.Error);
        Assert.Equal(1, (int)done.Json["images"]!["data"]!["unreadable"]!);
        Assert.Equal(
            [Path.Combine(folder, "0.png"), Path.Combine(folder, "2.png")], File.ReadAllLines(Path.ChangeExtension(file, ".paths.txt")));
        Assert.Equal(2, Npy(file).Shape[0]);
    }

    [Theory]
    [InlineData("--out is missing: ", null, null)]
    [InlineData("--out found.bin: give a file that ends in .npy", "--out", "found.bin")]
    [InlineData("--data is missing: ", "--data", null)]
    [InlineData("the image folder 'nowhere' does not exist", "--data", "nowhere")]
    [InlineData("give one network: --checkpoint FILE --arch ARCH", "--checkpoint", null)]
    public void Bad_input_is_one_line_and_leaves_nothing(string start, string? option, string? value)
    {
        var folder = run.NewFolder();
        var arguments = Asking(run.Data).ToList();
        if (option is not null && arguments.IndexOf(option) is > 0 and var at) arguments.RemoveRange(at, 2);
        if (value is not null) arguments.AddRange([option!, value]);
        if (option is not (null or "--out")) arguments.AddRange(["--out", $"{folder}/found.npy"]);
        Assert.StartsWith(start, Command.Refuse([.. arguments]));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void What_cannot_be_written_is_told_before_work()
    {
        var folder = run.NewFolder() + "/found.npy";
        Directory.CreateDirectory(folder);
        Assert.Equal($"{folder}: a folder, not a file", Command.Refuse([.. Asking(run.Data), "--out", folder]));
    }

    private string[] Asking(string data) =>
        ["embed", "--checkpoint", run.Run, "--arch", "Middle", "--data", data, "--size", "32"];

    /// <summary>Version 1.0: magic, the header's length in two bytes, the header as a Python dictionary, then the numbers.</summary>
    private static (int[] Shape, float[] Numbers) Npy(string path)
    {
        var bytes = File.ReadAllBytes(path);
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], bytes[..8]);
        var end = 10 + BitConverter.ToUInt16(bytes, 8);
        Assert.Equal(0, end % 64);
        var header = System.Text.RegularExpressions.Regex.Match(
            Encoding.ASCII.GetString(bytes, 10, end - 10),
            @"\A\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n\z");
        Assert.True(header.Success);
        int[] shape = [.. new[] { 1, 2 }.Select(group => int.Parse(header.Groups[group].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(4 * shape[0] * shape[1], bytes.Length - end);
        return (shape, [.. Enumerable.Range(0, shape[0] * shape[1]).Select(i => BitConverter.ToSingle(bytes, end + 4 * i))]);
    }
}
