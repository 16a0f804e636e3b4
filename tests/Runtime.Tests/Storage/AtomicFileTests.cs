using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Runtime.Tests.Storage;

/// <summary>A file is the old one or the new one, never half of either.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_writer_that_throws_leaves_the_old_file_and_nothing_beside_it()
    {
        AtomicFile.WriteText(folder["file"], "old");
        Assert.Throws<NotSupportedException>(() => AtomicFile.Write(folder["file"], stream =>
        {
            stream.Write(new byte[100_000]);
            throw new NotSupportedException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["file"]));
        Assert.Equal([folder["file"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_a_killed_writer_left_is_replaced()
    {
        folder.Write("file.partial", new byte[100_000]);
        AtomicFile.WriteText(folder["file"], "new");
        Assert.Equal("new", File.ReadAllText(folder["file"]));
        Assert.Equal([folder["file"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_second_writer_at_the_same_time_is_refused_and_does_not_disturb_the_first()
    {
        AtomicFile.Write(folder["file"], stream =>
        {
            stream.Write("first"u8);
            Assert.Throws<IOException>(() => AtomicFile.WriteText(folder["file"], "second"));
        });
        Assert.Equal("first", File.ReadAllText(folder["file"]));
    }

    [SkippableFact]
    public void A_link_in_the_place_of_the_neighbour_leads_nowhere()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        folder.Write("outside", "mine"u8.ToArray());
        File.CreateSymbolicLink(folder["file.partial"], folder["outside"]);
        AtomicFile.WriteText(folder["file"], "new");
        Assert.Equal("new", File.ReadAllText(folder["file"]));
        Assert.Null(new FileInfo(folder["file"]).LinkTarget);
        Assert.Equal("mine", File.ReadAllText(folder["outside"]));
        File.CreateSymbolicLink(folder["file.partial"], folder["nowhere"]);
        AtomicFile.WriteText(folder["file"], "newer");
        Assert.False(File.Exists(folder["nowhere"]));
        Assert.Equal([folder["file"], folder["outside"]], Directory.GetFileSystemEntries(folder.Path).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void A_link_in_the_place_of_the_file_is_replaced_not_followed()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        folder.Write("outside", "mine"u8.ToArray());
        File.CreateSymbolicLink(folder["file"], folder["outside"]);
        AtomicFile.WriteText(folder["file"], "new");
        Assert.Equal(("new", "mine"), (File.ReadAllText(folder["file"]), File.ReadAllText(folder["outside"])));
    }

    [Fact]
    public void Room_is_asked_for_only_where_it_is_short()
    {
        Directory.CreateDirectory(folder["file"]);
        var error = Assert.Throws<IOException>(() => AtomicFile.WriteText(folder["file"], "new"));
        Assert.StartsWith($"{folder["file"]}: cannot be written (", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("room", error.Message);
        Assert.Throws<IOException>(() => AtomicFile.WriteText(Path.Combine(folder["none"], "file"), "new"));
        // 28 is ENOSPC.
        Assert.Contains(
            "make room and start again",
            WriteFailure.Of(
                "file", new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28)).Message);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_neighbour_is_named()
    {
        Directory.CreateDirectory(folder["file.partial"]);
        Assert.Contains(
            "file.partial is in the way", Assert.Throws<IOException>(() => AtomicFile.WriteText(folder["file"], "new")).Message);
    }

    public void Dispose() => folder.Dispose();
}
