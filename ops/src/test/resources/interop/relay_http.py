"""What clients say to the relay by HTTP: an offer is posted, the resource that it makes is deleted."""
import re
import sys
import urllib.parse
import urllib.request

mode, url, token = sys.argv[1:4]


def post(sdp):
    request = urllib.request.Request(url, sdp.encode(), {
        "Content-Type": "application/sdp", "Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode(), urllib.parse.urljoin(url, answer.headers["Location"])


def turn_server():
    """Address, user and password of the TURN server the relay names (RFC 9725 section 4.6)."""
    request = urllib.request.Request(url, method="OPTIONS", headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=10) as answer:
        link = answer.headers["Link"]
    return re.search('<([^>]+)>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"', link).groups()


def delete(resource):
    request = urllib.request.Request(resource, method="DELETE", headers={"Authorization": "Bearer " + token})
    urllib.request.urlopen(request, timeout=10).close()
