using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_flat_folder_is_unlabelled_and_in_ordinal_order()
    {
        Touch("b.jpg", "B.PNG", "a.jpeg", "notes.txt", "10.png", "9.png");
        var images = ImageFolder.Open(folder.Path);
        Assert.Equal(["10.png", "9.png", "B.PNG", "a.jpeg", "b.jpg"], images.Names);
        Assert.Null(images.Labels);
        Assert.Empty(images.ClassNames);
    }

    [Fact]
    public void First_level_folders_are_classes_and_deeper_ones_belong_to_them()
    {
        Touch("dog/1.png", "cat/b/2.png", "cat/1.png", "empty/readme.md", "cat-big/1.png");
        var images = ImageFolder.Open(folder.Path);
        Assert.Equal(["cat", "cat-big", "dog"], images.ClassNames);
        Assert.Equal(["cat-big/1.png", "cat/1.png", "cat/b/2.png", "dog/1.png"], images.Names);
        Assert.Equal([1, 0, 0, 2], images.Labels!);
    }

    [Theory]
    [InlineData("JPEGImages/1.png", "JPEGImages/2.png")]
    [InlineData("a/1.png", "b/2.png", "3.png")]
    public void One_folder_or_images_beside_folders_make_no_classes(params string[] names)
    {
        Touch(names);
        Assert.Null(ImageFolder.Open(folder.Path).Labels);
    }

    [Fact]
    public void Hidden_files_are_left_out()
    {
        Touch("1.png", "._1.png", ".cache/2.png");
        Assert.Equal(["1.png"], ImageFolder.Open(folder.Path).Names);
    }

    [Fact]
    public void Links_are_followed_but_not_in_circles()
    {
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("x.png", [1]);
        Touch("a/1.png");
        Directory.CreateSymbolicLink(folder["b"], elsewhere.Path);
        Directory.CreateSymbolicLink(folder["a/round"], folder.Path);
        var images = ImageFolder.Open(folder.Path);
        Assert.Equal(["a/1.png", "b/x.png"], images.Names);
        Assert.Equal(
            $"{folder.Path}: left out 1 link to a folder that is listed already, or above, the first 'a/round'",
            Assert.Single(images.Notes));
    }

    /// <summary>
    /// A folder that is reached through a link, with links upwards inside; links to one another; two ways to the same place; and a link
    /// past what was asked for, to the test set.
    /// </summary>
    [Fact]
    public void No_image_is_listed_twice_nor_anything_beside_the_folder()
    {
        Touch("real/c0/1.png", "real/c1/2.png", "test/3.png");
        Directory.CreateSymbolicLink(folder["link"], "real");
        foreach (var name in new[] { "up", "up2", "c0/up" }) Directory.CreateSymbolicLink(folder[$"real/{name}"], folder["real"]);
        Directory.CreateSymbolicLink(folder["real/c0/other"], "../c1");
        Directory.CreateSymbolicLink(folder["real/c1/other"], "../c0");
        Directory.CreateSymbolicLink(folder["real/c1/beside"], folder.Path);
        Directory.CreateSymbolicLink(folder["real/c1/itself"], "itself");
        foreach (var root in new[] { "real", "link", "link/", "real/up/up2" })
            Assert.Equal(["c0/1.png", "c1/2.png"], ImageFolder.Open(folder[root]).Names);

        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("deep/x.png", [1]);
        Directory.CreateSymbolicLink(elsewhere["deep/back"], elsewhere.Path);
        Directory.CreateSymbolicLink(folder["real/c0/a"], elsewhere["deep"]);
        Directory.CreateSymbolicLink(folder["real/c0/b"], elsewhere.Path);
        Assert.Equal(["c0/1.png", "c0/a/x.png", "c1/2.png"], ImageFolder.Open(folder["real"]).Names);
    }

    [Fact]
    public void What_is_left_out_is_counted_and_names_of_the_same_kind_are_taken()
    {
        Touch("a/1.jfif", "a/2.JPE", "a/3.gif", "b/4.dib", "b/5.pjpeg", "b/6.heic", "b/7.HEIC", "notes", "b/8.txt");
        var images = ImageFolder.Open(folder.Path);
        Assert.Equal(5, images.Count);
        Assert.Equal(["a", "b"], images.ClassNames);
        Assert.Equal(
            $"{folder.Path}: left out 4 files that are no images by their names (2 .heic, 1 without an extension, 1 .txt)",
            Assert.Single(images.Notes));
    }

    [Theory]
    [InlineData("@eaDir/x.jpg/SYNOPHOTO_THUMB_XL.jpg")]
    [InlineData("a/@eaDir/x.jpg/SYNOPHOTO_THUMB_XL.jpg")]
    [InlineData("__MACOSX/x.jpg")]
    [InlineData("#recycle/x.jpg")]
    [InlineData("$RECYCLE.BIN/x.jpg")]
    [InlineData("lost+found/x.jpg")]
    public void Folders_of_other_programs_are_no_classes(string other)
    {
        Touch("a/1.png", "b/2.png", other);
        var images = ImageFolder.Open(folder.Path);
        Assert.Equal((2, 2), (images.Count, images.ClassNames.Count));
        Assert.StartsWith($"{folder.Path}: left out 1 folder of another program, the first '", Assert.Single(images.Notes));
    }

    [Fact]
    public void A_stray_image_that_hides_the_classes_is_named()
    {
        Touch("a/1.png", "b/2.png", "3.png");
        var images = ImageFolder.Open(folder.Path);
        Assert.Null(images.Labels);
        Assert.Equal("'3.png' lies beside the folders that would be its 2 classes", images.WhyNoClasses);
        Assert.Equal($"{folder.Path}: no classes, since {images.WhyNoClasses}", Assert.Single(images.Notes));
    }

    [Theory]
    [InlineData("train", "test")]
    [InlineData("Train", "val")]
    [InlineData("training", "validation")]
    public void The_parent_of_training_and_test_sets_stands_for_the_training_set(string train, string test)
    {
        Touch($"{train}/a/1.png", $"{train}/b/2.png", $"{test}/a/3.png", $"{test}/b/4.png", "5.png");
        var images = ImageFolder.Open(folder.Path);
        Assert.Equal(["a/1.png", "b/2.png"], images.Names);
        Assert.Equal(["a", "b"], images.ClassNames);
        Assert.True(File.Exists(images.Paths[0]));
        Assert.Equal(ImageFolder.Open(folder[train]).Fingerprint, images.Fingerprint);
        Assert.Equal(
            $"{folder.Path}: stands for its {train}/; left out are 3 images beside it ({test}/), which are to be tested on",
            Assert.Single(images.Notes));
    }

    /// <summary>Some systems store an accent with its letter, others behind it: the same class either way.</summary>
    [Fact]
    public void Class_names_are_the_same_however_their_accents_are_stored()
    {
        Touch("caf\u00e9/1.png", "cafe\u0301/2.png", "tea/3.png");
        using var other = new TemporaryFolder();
        other.Write("cafe\u0301/1.png", [1]);
        other.Write("tea/2.png", [2]);
        Assert.Equal(ImageFolder.Open(other.Path).ClassNames, ImageFolder.Open(folder.Path).ClassNames);
        Assert.Equal(2, ImageFolder.Open(folder.Path).Labels!.Count(label => label == 0));
    }

    /// <summary>
    /// What is missing, a folder, a pipe, a device or an endless file ends no command: it counts as unreadable, for the fingerprint too.
    /// </summary>
    [SkippableFact]
    public void What_cannot_be_read_is_skipped_by_everybody()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "made by Linux's means");
        folder.Write("a.png", Pictures.Encoded(Pictures.Waves(20, 10)));
        File.CreateSymbolicLink(folder["dangling.png"], "/nonexistent");
        File.CreateSymbolicLink(folder["itself.png"], "itself.png");
        foreach (var device in new[] { "zero", "full", "random", "null", "tty" })
            File.CreateSymbolicLink(folder[$"{device}.png"], $"/dev/{device}");
        using (var make = System.Diagnostics.Process.Start("mkfifo", folder["pipe.png"])) make.WaitForExit();
        using (var sparse = File.Create(folder["sparse.jpg"])) sparse.SetLength(int.MaxValue);
        using (var sparse = File.Create(folder["whole.png"]))
        {
            sparse.Write(Pictures.Encoded(Pictures.Waves(20, 10)));
            sparse.SetLength(int.MaxValue);
        }
        var warnings = new List<string>();
        var run = Task.Run(() =>
        {
            using var cache = new TemporaryFolder();
            var images = ImageFolder.Open(folder.Path);
            Assert.Equal(11, images.Count);
            Assert.Equal(2, ImageStore.Load(images, new(), warnings.Add).Count);
            Assert.Equal(2, ImageStore.Load(images, new() { Cache = cache.Path }).Count);
            return images.Fingerprint;
        });
        Assert.True(run.Wait(TimeSpan.FromSeconds(60)), "it hangs");
        Assert.Equal(64, run.Result.Length);
        Assert.Equal(9, warnings.Count);
        Assert.Contains($"skipped: cannot read the image '{folder["pipe.png"]}': a named pipe, not a file", warnings);
        Assert.Contains($"skipped: cannot read the image '{folder["zero.png"]}': a character device, not a file", warnings);
        Assert.Contains($"skipped: cannot read the image '{folder["sparse.jpg"]}': neither a JPEG, PNG, WebP, TIFF, BMP nor GIF", warnings);
        Assert.True(PeakMemory.Of(() => ImageStore.Load(ImageFolder.Open(folder.Path), new())) is null or < 64 << 20);
    }

    /// <summary>A class whose folder cannot be opened must not be missing without a word, be it there itself or by a link.</summary>
    [SkippableFact]
    public void A_folder_whose_name_is_not_utf8_is_refused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "elsewhere there are no such names");
        folder.Write("a/1.png", [1]);
        Shell("mkdir \"$(printf 'caf\\351')\"");
        try
        {
            Refused(folder.Path, $"{folder.Path}/caf\uFFFD");
            Directory.CreateDirectory(folder["b"]);
            Shell("mv caf* b && ln -s \"$(printf '../b/caf\\351')\" a/linked");
            Refused(folder["a"], $"{folder["b"]}/caf\uFFFD");
        }
        finally
        {
            Shell("rm -r caf* b/caf* 2>&1 || true");
        }
        // The sign that stands for such bytes may be meant.
        folder.Write("caf\uFFFD/2.png", [2]);
        Assert.Equal(2, ImageFolder.Open(folder.Path).Count);

        void Refused(string root, string name) =>
            Assert.Equal(
                $"cannot list the image folder '{root}': the name of '{name}' is not UTF-8; rename that folder",
                Assert.Throws<UserException>(() => ImageFolder.Open(root)).Message);

        void Shell(string command)
        {
            using var shell = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("sh", ["-c", command])
                {
                    WorkingDirectory = folder.Path,
                    RedirectStandardOutput = true,
                })!;
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
        }
    }

    /// <summary>Within a class a link is one more of the same; under two it would teach that they are one.</summary>
    [SkippableFact]
    public void One_image_is_not_of_two_classes()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        folder.Write("cat/1.png", [1]);
        folder.Write("cat/sub/2.png", [2]);
        folder.Write("dog/3.png", [3]);
        File.CreateSymbolicLink(folder["cat/again.png"], "1.png");
        Assert.Equal(4, ImageFolder.Open(folder.Path).Count);
        File.CreateSymbolicLink(folder["dog/first.png"], folder["cat/sub/2.png"]);
        Refused(folder.Path);
        // However the folder is named, and where the image itself lies elsewhere.
        using var other = new TemporaryFolder();
        Directory.CreateSymbolicLink(other["linked"], folder.Path);
        Refused(other["linked"]);
        var image = other.Write("image.png", [2]);
        foreach (var name in new[] { "cat/sub/2.png", "dog/first.png" })
        {
            File.Delete(folder[name]);
            File.CreateSymbolicLink(folder[name], image);
        }
        Refused(folder.Path);

        void Refused(string root) =>
            Assert.Equal(
                $"{root}: 'cat/sub/2.png' and 'dog/first.png' are one image by a link, under two classes; take one of them out",
                Assert.Throws<UserException>(() => ImageFolder.Open(root)).Message);
    }

    [Fact]
    public void Copies_are_found_within_a_source_and_across_two()
    {
        folder.Write("a.png", [1]);
        folder.Write("b.png", [2]);
        folder.Write("c.png", [1]);
        using var other = new TemporaryFolder();
        other.Write("x.png", [3]);
        other.Write("y.png", [2]);
        var (images, others) = (ImageFolder.Open(folder.Path), ImageFolder.Open(other.Path));
        Assert.Equal([(2, 0)], images.Copies());
        Assert.Equal(["a.png", "b.png"], images.WithoutCopies().Names);
        Assert.Same(others, others.WithoutCopies());
        Assert.Empty(others.Copies());
        Assert.Equal([(1, 1)], others.CopiesOf(images));
    }

    [Fact]
    public void A_missing_folder_an_empty_one_and_a_file_are_told_in_one_line()
    {
        Touch("readme.md");
        Assert.Equal($"the image folder '{folder["none"]}' does not exist", Fault(folder["none"]));
        Assert.Equal(
            $"the image folder '{folder.Path}' holds no image ({ImageFiles.Kinds}), at any depth; it has 1 file that is no image by its name (1 .md)",
            Fault(folder.Path));
        Assert.StartsWith($"the image folder '{folder["readme.md"]}' is a file", Fault(folder["readme.md"]));
    }

    [Fact]
    public void The_fingerprint_covers_names_and_content()
    {
        Touch("a.png", "b.png");
        var first = ImageFolder.Open(folder.Path).Fingerprint;
        Assert.Equal(first, ImageFolder.Open(folder.Path + "/").Fingerprint);
        folder.Write("b.png", [9]);
        var second = ImageFolder.Open(folder.Path).Fingerprint;
        File.Move(folder["b.png"], folder["c.png"]);
        Assert.Equal(3, new HashSet<string> { first, second, ImageFolder.Open(folder.Path).Fingerprint }.Count);
    }

    [SkippableFact]
    public void A_real_labelled_set_has_its_classes_in_equal_numbers()
    {
        var images = SharedData.Folder("cifar10-subset/test");
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], images.ClassNames);
        Assert.All(images.Labels!.CountBy(label => label), pair => Assert.Equal(200, pair.Value));
    }

    private static string Fault(string path) => Assert.Throws<UserException>(() => ImageFolder.Open(path)).Message;

    private void Touch(params string[] names)
    {
        foreach (var name in names) folder.Write(name, [1, 2, 3]);
    }
}
