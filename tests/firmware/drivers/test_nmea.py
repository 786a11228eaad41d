"""NMEA's sentences: read right whatever the chunks, and nothing else believed."""

import random

import micropython
from kerb.drivers.nmea import GGA, GLL, GSA, GSV, RMC, VTG, Nmea
from support.gnss import angle, burst, feed, line, nothing

RMC_LINE = line(b"GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230326,003.1,W")
GGA_LINE = line(b"GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,")
FIELDS = (
    "second day lat_e7 lon_deg lon_e7_more speed_mm_s course_cdeg altitude_mm satellites"
    " hdop_centi quality fix_type in_view snr_dbhz seen"
).split()
HERE = (351802057, 1290802057)


def read(*lines):
    nmea = Nmea()
    feed(nmea, b"".join(lines))
    return nmea


def told(nmea):
    return [getattr(nmea, name) for name in FIELDS]


def test_a_pair_of_sentences_is_read_in_integers():
    nmea = read(RMC_LINE, GGA_LINE)
    assert nmea.position() == (481173000, 115166667)
    assert (nmea.day, nmea.second) == (9578, 45319)  # 2026-03-23
    assert nmea.speed_mm_s == 11523 and nmea.course_cdeg == 8440
    assert nmea.altitude_mm == 545400 and nmea.satellites == 8 and nmea.hdop_centi == 90
    assert nmea.quality == 1 and nmea.seen == RMC | GGA and nmea.fix_type is None
    assert (nmea.sentences, nmea.bad_sums, nmea.cut) == (2, 0, 0)


def test_any_talker_is_read():
    for talker in (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"GQ", b"QZ"):
        assert read(line(talker + RMC_LINE[3:-5])).lat_e7 == 481173000


def test_every_kind_of_sentence_tells_what_it_knows():
    nmea = read(line(b"GNGLL,4807.038,S,01131.000,W,123519.00,A,A"))
    assert nmea.position() == (-481173000, -115166667)
    assert nmea.second == 45319 and nmea.quality == 1 and nmea.seen == GLL
    nmea = read(line(b"GPVTG,084.4,T,081.3,M,022.4,N,041.5,K,A"))
    assert (nmea.speed_mm_s, nmea.course_cdeg, nmea.seen) == (11523, 8440, VTG)
    nmea = read(line(b"GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1"))
    assert (nmea.fix_type, nmea.seen) == (3, GSA)
    nmea = read(
        line(b"GPGSV,2,1,08,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,45"),
        line(b"GPGSV,2,2,08,15,,,,16,,,47"),
        line(b"GLGSV,1,1,03,65,40,083,20"),
    )
    assert (nmea.in_view, nmea.snr_dbhz, nmea.seen) == (11, 47, GSV)


def test_places_are_right_to_the_last_digit_all_over_the_world():
    random.seed(4)
    for _ in range(60):
        lat_e7 = random.randrange(-900000000, 900000001)
        lon_e7 = random.randrange(-1799999999, 1800000001)
        nmea = read(burst(1, lat_e7, lon_e7))
        found = nmea.position()
        assert found == (lat_e7, lon_e7), (found, lat_e7, lon_e7)
    for lat_e7, lon_e7 in ((900000000, 1800000000), (-900000000, -1800000000), (0, 0), (-1, -1)):
        assert read(burst(1, lat_e7, lon_e7)).position() == (lat_e7, lon_e7)


def test_fewer_decimals_are_the_same_place_more_coarsely():
    full = angle(351802057, 2, "NS")  # 3510.8123420,N
    for decimals in range(1, 8):
        text = full[: 5 + decimals] + b",N"
        nmea = read(line(b"GPGLL," + text + b",01131.0,E,000001,A,A"))
        assert abs(nmea.lat_e7 - 351802057) <= 10 ** (7 - decimals) // 6 + 1


def test_what_comes_in_chunks_of_any_size_is_the_same():
    stream = b"".join([burst(s, 351802057 + s, -1290802057 - s) for s in range(86395, 86399)])
    stream = b"\xb5\x62\x05\x01\0\0$" + stream[:200] + b"\0$GP" + stream
    wanted = None
    for size in (1, 2, 3, 7, 13, 63, 64):
        nmea = Nmea()
        epochs = feed(nmea, stream, size)
        found = (told(nmea), nmea.sentences, nmea.bad_sums, nmea.cut)
        wanted = wanted or found
        assert found == wanted, size
        assert 4 <= epochs <= 6


def test_whole_buffers_and_parts_of_them_are_taken():
    for size in (len(RMC_LINE), len(RMC_LINE) + 1, 200):
        buf = bytearray(b"$" * size)
        buf[: len(RMC_LINE)] = RMC_LINE
        nmea = Nmea()
        nmea.feed(buf, len(RMC_LINE))
        assert (nmea.sentences, nmea.cut) == (1, 0)
        assert not nmea.feed(buf, 0)


def test_an_epoch_is_complete_when_all_is_there_that_usually_comes():
    nmea = Nmea()
    done = []
    for second in range(5):
        for each in burst(second, *HERE).split(b"\r\n")[:3]:
            done.append(feed(nmea, each + b"\r\n"))
    # That a GSA comes, the first one can't know.
    assert done == [0, 1, 0] + [0, 0, 1] * 4
    # GGA comes no more: two are lost, and then it is not waited for.
    done = []
    for second in range(5, 10):
        done.append(feed(nmea, burst(second, *HERE).split(b"\r\n")[0] + b"\r\n"))
    assert done == [0, 0, 1, 1, 1]


def test_sentences_of_two_times_are_never_mixed():
    one, two = burst(100, *HERE), burst(101, 481173000, 115166667)
    one, two = one.split(b"\r\n"), two.split(b"\r\n")
    nmea = Nmea()
    assert feed(nmea, one[0] + b"\r\n" + two[1] + b"\r\n") == 0
    assert nmea.position() == (481173000, 115166667) and nmea.second == 101
    assert nmea.speed_mm_s is None and nmea.day is None


def test_the_one_that_doubts_the_fix_is_believed():
    for rmc, gga, quality in (("A", 0, 0), ("V", 1, 0), ("A", 6, 6), ("A", 2, 2), ("V", 0, 0)):
        nmea = read(
            line(b"GPRMC,123519,%s,4807.038,N,01131.000,E,,,230326,," % rmc.encode()),
            line(b"GPGGA,123519,4807.038,N,01131.000,E,%d,08,0.9,545.4,M,46.9,M,," % gga),
        )
        assert nmea.quality == quality, (rmc, gga)
    for mode, quality in ((b"A", 1), (b"D", 2), (b"E", 6), (b"N", 0), (b"S", 8), (b"M", 7)):
        nmea = read(line(RMC_LINE[1:-5] + b"," + mode))
        assert nmea.quality == quality, mode


def test_a_receiver_that_knows_only_the_time_tells_only_that():
    nmea = read(nothing(7))
    assert (nmea.second, nmea.quality, nmea.fix_type) == (7, 0, 1)
    assert nmea.position() is None and nmea.speed_mm_s is None and nmea.altitude_mm is None


def test_heights_below_the_sea_are_negative():
    nmea = read(line(b"GPGGA,123519,3130.0,N,03530.0,E,1,08,0.9,-430.5,M,-46.9,M,,"))
    assert nmea.altitude_mm == -430500


def test_fields_that_are_none_are_told_as_unknown():
    for bad in (
        b"4807.038,N,01131.000,X",
        b"4807.038,X,01131.000,E",
        b"9000.001,N,01131.000,E",
        b"4860.000,N,01131.000,E",
        b"4807.038,N,18000.001,E",
        b"4807.038,N,1131.000,E",
        b"480.038,N,01131.000,E",
        b"48A7.038,N,01131.000,E",
        b"4807.0A8,N,01131.000,E",
        b"4807.0AA,N,01131.000,E",
        b"4807.A,N,01131.000,E",
        b"4807.0.8,N,01131.000,E",
        b"-4807.038,N,01131.000,E",
        b"4807.038,N,-01131.000,E",
        b"4807038,N,01131.000,E",
        b"4807.038,,01131.000,",
        b"4807.038,NN,01131.000,E",
        b"4807.038,4N,01131.000,E",
        b"4807.038,n,01131.000,E",
        b"4807.1234567890,N,01131.000,E",
        b",,,",
    ):
        nmea = read(line(b"GPRMC,123519,A," + bad + b",022.4,084.4,230326,,"))
        assert nmea.sentences == 1 and nmea.position() is None, bad
        assert nmea.second == 45319
    for clock in (b"243519", b"126019", b"123561", b"12351", b"1235199", b"12A519", b""):
        nmea = read(line(b"GPRMC," + clock + b",A,4807.038,N,01131.000,E,1,2,230326,,"))
        assert nmea.second is None and nmea.lat_e7 == 481173000, clock
    for date in (b"320326", b"310426", b"290227", b"001226", b"231326", b"230380", b"23032", b""):
        nmea = read(line(b"GPRMC,123519,A,4807.038,N,01131.000,E,1,2," + date + b",,"))
        assert nmea.day is None, date
    assert read(line(b"GPRMC,235960,A,4807.0,N,01131.0,E,1,2,311226,,")).second == 86399
    for number in (b"A", b"1A", b"A1", b"--1", b"1-1", b"1.2.3", b"1.A", b"9999999", b"-"):
        nmea = read(line(b"GPGGA,123519,,,,,1,%s,%s,%s,M,,M,," % (number, number, number)))
        assert nmea.satellites is nmea.hdop_centi is nmea.altitude_mm is None, number


def test_only_whole_sentences_with_their_checksum_change_anything():
    for bad in (
        RMC_LINE.replace(b"*", b"*0"),
        RMC_LINE[:-3] + b"\r\n",
        RMC_LINE[:-4] + b"\r\n",
        RMC_LINE.replace(b"*", b","),
        RMC_LINE[1:],
        line(RMC_LINE[1:-5] + b"," * 13),
        line(b"G" + RMC_LINE[1:-5]),
        line(RMC_LINE[2:-5]),
        line(b"G1" + RMC_LINE[2:-5]),
        line(b"." + RMC_LINE[1:-5]),
        line(b"GPRMC"),
        line(b"GPRMC,1"),
        line(b""),
        line(b"PMTK010,001"),
        line(b"GPTXT,01,01,01,ANTENNA OK"),
        b"$*00\r\n$\r\n*\r\n,,,,\r\n" + b"," * 90,
    ):
        nmea = read(bad)
        assert nmea.seen == 0 and nmea.second is None and nmea.lat_e7 is None, bad
        feed(nmea, RMC_LINE)
        assert nmea.lat_e7 == 481173000, bad


def test_each_bit_flipped_costs_one_sentence_and_is_counted():
    for at in range(len(RMC_LINE) - 2):
        for bit in range(8):
            bad = bytearray(RMC_LINE)
            bad[at] ^= 1 << bit
            nmea = read(bytes(bad), GGA_LINE, GGA_LINE)
            assert nmea.sentences >= 2 and nmea.lat_e7 == 481173000, (at, bit)
            assert nmea.seen & RMC == 0, (at, bit)
            assert nmea.bad_sums + nmea.cut >= 1 or at in (0, 6), (at, bit)


def test_noise_of_all_bytes_raises_nothing_and_tells_nothing():
    random.seed(9)
    nmea = Nmea()
    letters = b"$GPRMCA*,.-0123456789\r\n\0NSEWV"
    for _ in range(60):
        feed(nmea, bytes([random.randrange(256) for _ in range(64)]))
        feed(nmea, bytes([letters[random.randrange(len(letters))] for _ in range(64)]))
    assert nmea.position() is None
    feed(nmea, b"\r\n" + RMC_LINE)
    assert nmea.lat_e7 == 481173000


def test_fields_of_noise_with_right_checksums_give_only_what_is_possible():
    random.seed(11)
    letters = b"0123456789.,-AVNSEWM"
    for _ in range(150):
        body = bytearray(random.choice((RMC_LINE, GGA_LINE))[1:-5])
        for _ in range(random.randrange(1, 4)):
            body[random.randrange(6, len(body))] = letters[random.randrange(len(letters))]
        nmea = read(line(bytes(body)))
        lat_e7, lon_e7 = nmea.position() or (0, 0)
        assert abs(lat_e7) <= 900000000 and abs(lon_e7) <= 1800000000
        assert nmea.second is None or 0 <= nmea.second < 86400
        assert nmea.day is None or 0 <= nmea.day < 29220
        assert nmea.speed_mm_s is None or 0 <= nmea.speed_mm_s <= 1030000
        assert nmea.course_cdeg is None or 0 <= nmea.course_cdeg < 36000
        assert nmea.satellites is None or 0 <= nmea.satellites < 100
        assert nmea.hdop_centi is None or 0 <= nmea.hdop_centi < 10000


def test_endless_digits_letters_and_fields_neither_grow_nor_last():
    for endless in (b"9", b"A", b",", b".", b"-", b"*", b"$", b"9A", b"1."):
        nmea = Nmea()
        feed(nmea, b"$GPRMC," + endless * 1500)
        feed(nmea, b"\r\n" + RMC_LINE)
        assert nmea.lat_e7 == 481173000, endless


def test_once_warm_a_sentence_takes_no_memory():
    if not hasattr(micropython, "heap_lock"):
        return
    nmea = Nmea()
    bursts = [bytearray(burst(s, 351802057, -751802057)) for s in range(4)]
    more = bytearray(line(b"GPGSV,2,1,08,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,45"))
    nmea.feed(bursts[0], len(bursts[0]))
    nmea.feed(more, len(more))
    micropython.heap_lock()
    for each in bursts:
        nmea.feed(each, len(each))
        nmea.feed(more, len(more))
    micropython.heap_unlock()
    assert nmea.sentences == 20 and nmea.lat_e7 == 351802057
