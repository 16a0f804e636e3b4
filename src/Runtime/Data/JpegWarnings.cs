using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Hears what libjpeg says inside OpenCV. Missing or damaged data is a warning to libjpeg: it fills the rest of the picture with grey,
/// writes a line to the error output and goes on, and so does OpenCV. That is a broken file and no training image, and the line must not
/// get among the program's own.
/// </summary>
/// <remarks>
/// OpenCV calls libjpeg's jpeg_std_error for every JPEG, through the table in which an ELF library keeps the addresses of what it calls.
/// Its entry is led here: the standard handlers are set, and the one for messages is then replaced by <see cref="OnMessage"/>. Where there
/// is no such table (Windows, macOS), libjpeg speaks to the error output, and pictures with grey in them count as whole.
/// </remarks>
internal static unsafe partial class JpegWarnings
{
    // Places in libjpeg's jpeg_error_mgr: error_exit, emit_message, output_message, format_message.
    private const int EmitMessage = 1, FormatMessage = 3;
    private const int LongestMessage = 200;
    private const string Function = "jpeg_std_error";

    // Other warnings (odd markers, unknown versions) leave the pixels alone.
    private static readonly string[] damages =
    [
        "Premature end of JPEG file", "Corrupt JPEG data: premature end", "Corrupt JPEG data: bad", "Invalid SOS parameters",
    ];

    private static delegate* unmanaged[Cdecl]<nint*, nint*> standard;

    [ThreadStatic]
    private static string? damage;

    /// <summary>What this thread's libjpeg complained of since <see cref="Forget"/>; null for nothing.</summary>
    public static string? Damage => damage;

    /// <summary>Starts anew on this thread.</summary>
    public static void Forget() => damage = null;

    /// <summary>Whether a warning of libjpeg's, or of what is made after it, is of pixels.</summary>
    public static bool IsDamage(string warning) => damages.Any(start => warning.StartsWith(start, StringComparison.Ordinal));

    /// <summary>Listens to the libjpeg that a library calls, for the rest of the process.</summary>
    /// <param name="library">A loaded library.</param>
    /// <param name="inside">An address inside it.</param>
    public static void Listen(nint library, nint inside)
    {
        if (!NativeLibrary.TryGetExport(library, Function, out var function)) return;
        standard = (delegate* unmanaged[Cdecl]<nint*, nint*>)function;
        var slot = CallTable.Find(inside, Function);
        if (slot != null) *slot = (nint)(delegate* unmanaged[Cdecl]<nint*, nint*>)&StandardErrors;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint* StandardErrors(nint* manager)
    {
        standard(manager);
        manager[EmitMessage] = (nint)(delegate* unmanaged[Cdecl]<nint**, int, void>)&OnMessage;
        return manager;
    }

    /// <param name="codec">libjpeg's state, which begins with the address of its error manager.</param>
    /// <param name="level">Negative for a warning.</param>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(nint** codec, int level)
    {
        if (level >= 0 || damage is not null) return;
        var text = stackalloc byte[LongestMessage];
        ((delegate* unmanaged[Cdecl]<nint**, byte*, void>)(*codec)[FormatMessage])(codec, text);
        var said = Marshal.PtrToStringUTF8((nint)text)!;
        if (IsDamage(said)) damage = said;
    }
}
