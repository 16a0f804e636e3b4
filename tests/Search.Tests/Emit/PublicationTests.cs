using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>A class in a folder is the one that was or the one that is, whole, and only what was proven gets there.</summary>
public sealed class PublicationTests : IDisposable
{
    private static readonly string[] Class = ["Net.cs", "Net.safetensors"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_lies_in_the_folder_of_the_unproven_does_not_get_out()
    {
        Directory.CreateDirectory(folder.File("Net.unproven"));
        File.WriteAllText(folder.File("Net.unproven/Net.onnx"), "planted");
        File.WriteAllText(folder.File("Net.unproven/Other.txt"), "planted");
        Emit(seed: 1);
        Assert.Equal(Class, Names());
    }

    [SkippableFact]
    public void A_link_in_its_place_is_not_followed()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        using var outside = new TemporaryFolder();
        File.WriteAllText(outside.File("Net.onnx"), "mine");
        Directory.CreateSymbolicLink(folder.File("Net.unproven"), outside.Path);
        Emit(seed: 1);
        Assert.Equal(Class, Names());
        Assert.Equal("mine", File.ReadAllText(outside.File("Net.onnx")));
        Assert.Single(Directory.GetFileSystemEntries(outside.Path));
    }

    [Theory]
    [InlineData("Net.safetensors")]
    [InlineData("Net.cs")]
    [InlineData("Net.onnx")]
    public void Where_a_file_cannot_take_its_place_the_class_before_stays_whole(string last)
    {
        Emit(seed: 1);
        var before = Contents();
        Assert.Throws<IOException>(() => Emit(seed: 2, WinnerForm.Parse("onnx"), name =>
        {
            if (name == last) throw new IOException("full");
        }));
        Assert.Equal(before, Contents());
        Emit(seed: 2, WinnerForm.Parse("onnx"));
        Assert.Equal(["Net.cs", "Net.onnx", "Net.safetensors"], Names());
        Assert.NotEqual(before["Net.safetensors"], Contents()["Net.safetensors"]);
    }

    /// <summary>A process that is killed in the middle runs no handler: what it leaves is what the steps so far left.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_a_killed_process_left_is_put_back_by_the_next(int files)
    {
        Emit(seed: 1);
        var before = Contents();
        var killed = new Publication(folder.Path, "Net") { AfterFile = _ => { if (--files == 0) throw new IOException("killed"); } };
        killed.Stage();
        string[] all = ["Net.cs", "Net.onnx", "Net.safetensors"];
        foreach (var name in all) File.WriteAllText(Path.Combine(killed.Unproven, name), "new");
        Assert.Throws<IOException>(() => killed.Place(all, []));
        Assert.True(Directory.Exists(folder.File("Net.earlier")));
        // The next one fails too, and for all that leaves the class of the first.
        Assert.Throws<InvalidOperationException>(() => Emit(seed: 2, damage: path => File.WriteAllText(path, "no weights")));
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void A_process_killed_after_all_files_took_their_places_has_published()
    {
        Emit(seed: 1);
        var before = Contents();
        // Between the rename that decides and the clean-up.
        Directory.CreateDirectory(folder.File("Net.unproven"));
        File.WriteAllText(folder.File("Net.unproven/Net.cs"), "the class that was");
        Assert.Throws<InvalidOperationException>(() => Emit(seed: 2, damage: path => File.WriteAllText(path, "no weights")));
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void Winners_take_their_places_together()
    {
        using var networks = TestNetworks.Of(Tiny.Space, 1);
        using var images = TestNetworks.Images(4, 16);
        var emitter = new WinnerEmitter(networks.Student, images);
        ProvenWinner Prove(string name) => emitter.Prove(folder.Path, name, "Acme", Tiny.Space.Min, 16, []);
        Directory.CreateDirectory(folder.File("Second.cs"));
        using (var first = Prove("First"))
        using (var second = Prove("Second"))
            Assert.ThrowsAny<SystemException>(() => ProvenWinner.Publish([first, second]));
        Assert.Equal(["Second.cs"], Names());
    }

    private void Emit(long seed, IReadOnlyList<WinnerForm>? forms = null, Action<string>? afterFile = null, Action<string>? damage = null)
    {
        using var networks = TestNetworks.Of(Tiny.Space, seed);
        using var images = TestNetworks.Images(4, 16);
        new WinnerEmitter(networks.Student, images) { AfterFile = afterFile, BeforeProof = damage }.Emit(
            folder.Path, "Net", "Acme", Tiny.Space.Min, 16, [], forms);
    }

    private string[] Names() =>
        [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private Dictionary<string, string> Contents() =>
        Names().ToDictionary(name => name, name => Convert.ToHexString(File.ReadAllBytes(folder.File(name))));
}
