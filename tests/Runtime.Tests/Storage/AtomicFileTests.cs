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

    public void Dispose() => folder.Dispose();
}
