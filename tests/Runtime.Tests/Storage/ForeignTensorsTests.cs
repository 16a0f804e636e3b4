using System.IO.Compression;
using System.Text;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Storage.Foreign;
using DataSsl.Runtime.Tests.Data;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Storage;

/// <summary>Files of PyTorch's, written by <c>pth/record.py</c>, and damaged and malicious ones of ours.</summary>
public sealed class ForeignTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("state.pth")]
    [InlineData("protocol4.pth")]
    public void Tensors_of_every_type_and_stride_are_as_PyTorch_wrote_them(string name)
    {
        var read = Read(name);
        float[] whole = [.. Enumerable.Range(0, 24).Select(i => i / 8f)];
        Assert.Equal(["conv.weight", "turned", "part", "half", "brain", "double", "count", "whole", "empty", "flags"], read.Keys);
        MustBe(read["conv.weight"], new long[] { 4, 6 }, whole);
        MustBe(
            read["turned"], new long[] { 6, 4 },
            [.. from column in Enumerable.Range(0, 6) from row in Enumerable.Range(0, 4) select whole[row * 6 + column]]);
        MustBe(
            read["part"], new long[] { 2, 3 },
            [.. from row in new[] { 1, 2 } from column in new[] { 2, 3, 4 } select whole[row * 6 + column]]);
        MustBe(read["half"], new long[] { 6 }, whole[..6]);
        MustBe(read["brain"], new long[] { 6 }, whole[6..12]);
        MustBe(read["double"], new long[] { 6 }, whole[12..18]);
        MustBe(read["count"], Array.Empty<long>(), new float[] { 7 });
        MustBe(read["whole"], new long[] { 3 }, new float[] { 1, -2, 300 });
        MustBe(read["empty"], new long[] { 0, 3 }, Array.Empty<float>());
        MustBe(read["flags"], new long[] { 2 }, new float[] { 1, 0 });
    }

    private static void MustBe((long[] Shape, float[] Values) read, long[] shape, float[] values)
    {
        Assert.Equal(shape, read.Shape);
        Assert.Equal(values, read.Values);
    }

    [Fact]
    public void Dictionaries_within_one_another_become_names_with_dots()
    {
        var read = Read("nested.pth");
        Assert.Equal(["state_dict.module.conv.weight", "optimizer.state.0.momentum_buffer"], read.Keys);
        Assert.Equal([4, 6], read["state_dict.module.conv.weight"].Shape);
        Assert.Equal(["weight", "bias"], Read("module-state.pth").Keys);
    }

    [Theory]
    [InlineData("code.pth", "system")]
    [InlineData("module.pth", "torch.nn.modules.linear.Linear")]
    [InlineData("old.pth", "before 1.6")]
    public void What_is_no_tensor_is_named_and_never_run(string name, string what)
    {
        var message = Assert.Throws<UserException>(() => ForeignTensors.Read(Recorded(name))).Message;
        Assert.StartsWith(Recorded(name) + ": ", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.False(File.Exists("must-not-be-there"));
    }

    /// <summary>A view beyond its storage reads other memory; one that repeats its storage asks for any amount of it.</summary>
    [Theory]
    [InlineData(0, "2", "3", "3", "1", null)]
    [InlineData(1, "2", "3", "3", "1", "reaches beyond")]
    [InlineData(0, "2", "3", "4", "1", "reaches beyond")]
    [InlineData(0, "3", "3", "0", "0", "reaches beyond")]
    [InlineData(0, "2000000000", "2000000000", "0", "0", "")]
    [InlineData(-1, "2", "3", "3", "1", "reaches beyond")]
    [InlineData(0, "-2", "-3", "3", "1", "reaches beyond")]
    [InlineData(0, "2", "3", "9000000000000000000", "9000000000000000000", "")]
    public void A_view_stays_within_its_values(long offset, string rows, string columns, string down, string right, string? why)
    {
        var path = folder["view.pth"];
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Entry(zip, "archive/data.pkl", Pickled(offset, [rows, columns], [down, right]));
            Entry(zip, "archive/data/0", new byte[24]);
        }
        if (why is null) Assert.Equal([2, 3], ForeignTensors.Read(path).Single().Values.shape);
        else Assert.Contains(why, Assert.Throws<DamagedFileException>(() => ForeignTensors.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compressed_values_and_foreign_archives_are_refused()
    {
        var path = folder["packed.pth"];
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Entry(zip, "archive/data.pkl", Pickled(0, ["2", "3"], ["3", "1"]));
            using var stream = zip.CreateEntry("archive/data/0", CompressionLevel.SmallestSize).Open();
            stream.Write(new byte[24]);
        }
        Assert.Contains(
            "compressed", Assert.Throws<DamagedFileException>(() => ForeignTensors.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create)) Entry(zip, "readme.txt", "no weights"u8.ToArray());
        Assert.Contains("data.pkl", Assert.Throws<DamagedFileException>(() => ForeignTensors.Read(path)).Message, StringComparison.Ordinal);
    }

    private static void Entry(ZipArchive zip, string name, byte[] bytes)
    {
        using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(bytes);
    }

    /// <summary>The pickle of one tensor named w over a storage of six floats, whole numbers as eight bytes.</summary>
    private static byte[] Pickled(long offset, string[] shape, string[] strides)
    {
        using var bytes = new MemoryStream();
        Text("\u0080\u0002}", Encoding.Latin1);
        Word("w");
        Text("ctorch._utils\n_rebuild_tensor_v2\n((", Encoding.ASCII);
        Word("storage");
        Text("ctorch\nFloatStorage\n", Encoding.ASCII);
        Word("0");
        Word("cpu");
        Text("K\u0006tQ", Encoding.ASCII);
        Number(offset);
        foreach (var sides in new[] { shape, strides })
        {
            Text("(", Encoding.ASCII);
            foreach (var side in sides) Number(long.Parse(side));
            Text("t", Encoding.ASCII);
        }
        Text("\u0089ccollections\nOrderedDict\n)RtRs.", Encoding.Latin1);
        return bytes.ToArray();

        void Text(string text, Encoding encoding) => bytes.Write(encoding.GetBytes(text));

        void Word(string word)
        {
            bytes.WriteByte((byte)'X');
            bytes.Write(BitConverter.GetBytes(word.Length));
            Text(word, Encoding.ASCII);
        }

        void Number(long number)
        {
            bytes.Write([0x8a, 8]);
            bytes.Write(BitConverter.GetBytes(number));
        }
    }

    private static string Recorded(string name) => Path.Combine(AppContext.BaseDirectory, "Storage", "pth", name);

    private static Dictionary<string, (long[] Shape, float[] Values)> Read(string name)
    {
        using var scope = NewDisposeScope();
        return ForeignTensors.Read(Recorded(name)).ToDictionary(tensor => tensor.Name, tensor =>
        {
            using var values = tensor.Values;
            return (values.shape, values.numel() == 0 ? [] : values.data<float>().ToArray());
        });
    }
}
