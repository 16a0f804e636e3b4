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
        Assert.Equal(["a/1.png", "b/x.png"], ImageFolder.Open(folder.Path).Names);
    }

    [Fact]
    public void A_missing_folder_an_empty_one_and_a_file_are_told_in_one_line()
    {
        Touch("readme.md");
        Assert.Equal($"the image folder '{folder["none"]}' does not exist", Fault(folder["none"]));
        Assert.Equal($"the image folder '{folder.Path}' holds no .jpg, .jpeg, .png, .webp, .tif, .tiff, .bmp or .gif file, at any depth", Fault(folder.Path));
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
